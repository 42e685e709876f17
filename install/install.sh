#!/usr/bin/env bash
# Installs Rohnamo from the kit that this file lies in, without a network.  It can be run again: what is done already
# is not done twice, and a machine that was cut off half way goes on.  What was installed before stays beside the new.
#
#   sudo bash install.sh --fingerprint "ed4b 98c6 …"        a kiosk
#   sudo bash install.sh --role clerk --no-screen           a clerk's desk without Chromium of its own
#   sudo bash install.sh --check                            only whether every byte of the kit is there
#   sudo bash install.sh --rollback                         back to the program that was installed before
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8

kit=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=/opt/rohnamo data=/var/lib/rohnamo backups=/var/backups/rohnamo units=/etc/systemd/system
role=kiosk profile=light screen=yes expected='' only_check='' back='' source=''

say() { printf '· %s\n' "$*" >&2; }
grouped() { sed 's/..../& /g; s/ $//'; }
fail() { printf 'install: %s\n' "$1" >&2; [ -z "${2:-}" ] || printf '  → %s\n' "$2" >&2; exit 1; }

usage() {
  cat <<'TEXT'
Usage: sudo bash install.sh [OPTIONS]
  --fingerprint HEX   of this kit, as it stands on paper; without it you are asked whether it is the same
  --role ROLE         kiosk (the default), clerk, admin or api
  --profile PROFILE   light (the default) or full, with PyTorch for encoders of sentence-transformers
  --no-screen         no Chromium over the whole screen
  --source ADDRESS    where releases come from, written into config.toml where there is none yet
  --check             verify the kit and change nothing
  --rollback          back to the program that was installed before; the data stay
TEXT
}

options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --fingerprint) expected=${2:?}; shift ;;
      --role) role=${2:?}; shift ;;
      --profile) profile=${2:?}; shift ;;
      --source) source=${2:?}; shift ;;
      --no-screen) screen='' ;;
      --check) only_check=yes ;;
      --rollback) back=yes ;;
      --help | -h) usage; exit 0 ;;
      *) usage >&2; exit 2 ;;
    esac
    shift
  done
  case $role in kiosk | clerk | admin | api) ;; *) fail "there is no role $role" "Take kiosk, clerk, admin or api." ;; esac
  [ "$role" = kiosk ] || screen=''
  [ -z "$source" ] || [[ $source =~ ^https://[^\"\\[:space:]]+$ ]] || fail "$source is no https address"
}

# Every byte is as it was gathered, nothing lacks and nothing was added; and it is the kit that the paper names.
verified() {
  say "reading every file of the kit"
  cd "$kit"
  sha256sum --check --strict --quiet MANIFEST >&2 || fail "the kit is damaged or was altered" "Copy it again; do not use this one."
  diff <(cut -c67- MANIFEST | sort) <(find . -type f ! -path ./MANIFEST -printf '%P\n' | sort) >&2 \
    || fail "the kit has files that its manifest does not name" "Copy it again; do not use this one."
  local links; links=$(find . -type l)
  [ -z "$links" ] || fail "the kit has links in it: $links" "Copy it again; do not use this one."
  found=$(sha256sum MANIFEST | cut -d' ' -f1)
  local shown; shown=$(grouped <<<"$found")
  if [ -n "$expected" ]; then
    [ "$(tr -d '[:space:]' <<<"${expected,,}")" = "$found" ] || fail "the fingerprint of this kit is another: $shown" "Do not use it."
  elif [ -z "$only_check" ]; then
    [ -t 0 ] || fail "nobody compared the fingerprint: $shown" "Give the one on paper: --fingerprint HEX."
    read -rp "The fingerprint of this kit is $shown
Does the paper say the same? yes/no " answer
    [ "$answer" = yes ] || fail "nothing was installed"
  fi
  say "the kit is whole, fingerprint $shown"
}

about() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$kit/kit.json"; }

fits() {
  local machine; machine=$(about machine)
  [ "$(uname -m)" = "$machine" ] || fail "the kit is for $machine, this machine is $(uname -m)" "Gather one with MACHINE=$(uname -m)."
  if [ "$machine" = x86_64 ]; then
    grep -qw avx2 /proc/cpuinfo || fail "the processor has no AVX2" "It was made before 2013; take a newer machine."
  fi
  [ -e "$kit/requirements-$profile.txt" ] || fail "the kit has no profile $profile" "Take --profile light, or gather one with PROFILE=full."
  local free; free=$(df --output=avail -B1000000 "$(dirname "$program")" | tail -n 1)
  [ "$free" -gt 3000 ] || fail "$free MB are free, 3000 are wanted" "Make room first."
}

# apt chooses from the kit what is lacking; it is told of no other place.
debian_packages() {
  local wanted=(python3 python3-venv adduser libgomp1 systemd)
  [ -z "$screen" ] || wanted+=(systemd-sysv dbus libpam-systemd cage chromium cups-client fonts-noto-core)
  [ "$role" = kiosk ] || wanted+=(fonts-noto-core tesseract-ocr tesseract-ocr-tgk tesseract-ocr-rus)
  local lacking; lacking=$(for name in "${wanted[@]}"; do
    dpkg-query --show --showformat '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || echo "$name"; done)
  [ -n "$lacking" ] || return 0
  local release
  # shellcheck source=/dev/null
  release=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
  [ -d "$kit/debian" ] || fail "Debian packages are lacking: $(xargs <<<"$lacking")" "Install them, or gather the kit with DEBIAN=1."
  [ "$(about debian)" = "$release" ] || fail "the kit has packages of Debian $(about debian), this is $release" "Gather it on Debian $release."
  say "installing Debian packages from the kit: $(xargs <<<"$lacking")"
  local apt; apt=$(mktemp -d)
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/sources"
  ln -s "$kit/debian" "$apt/debian"       # apt reads no path with a space in it
  echo "deb [trusted=yes] file:$apt/debian ./" >"$apt/sources.list"
  local options=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=$apt/sources" -o "Dir::State::lists=$apt/lists"
    -o "Dir::Cache::archives=$apt/archives" -o APT::Sandbox::User=root -o Acquire::Languages=none)
  quietly apt-get "${options[@]}" update
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive quietly apt-get "${options[@]}" install --yes --no-install-recommends $lacking
  rm -rf "$apt"
}

quietly() {
  local log; log=$(mktemp)
  "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; rm -f "$log"; fail "failed: $1 ${*: -3}"; }
  rm -f "$log"
}

# The program lies in a folder named by version and fingerprint; /opt/rohnamo is a link that is switched at the end.
install_program() {
  local wanted; wanted=$(sed -n '/"target"/,/}/s/.*"python": "\(.*\)".*/\1/p' "$kit/kit.json")
  local python; python=$(command -v "python$wanted") || fail "there is no Python $wanted" "Gather the kit with PYTHON=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')."
  [ ! -e "$program" ] || [ -L "$program" ] || fail "$program is a folder, and has to be a link" "Move it away: mv $program $program-before."
  place=$program-$(about rohnamo)-${found:0:8}-$profile
  if [ ! -e "$place/.complete" ]; then
    say "installing the program into $place"
    rm -rf "$place"
    "$python" -m venv "$place"
    local pip=("$place/bin/pip" --disable-pip-version-check --no-cache-dir install --no-index --find-links "$kit/wheels")
    quietly "${pip[@]}" --require-hashes --only-binary :all: -r "$kit/requirements-$profile.txt"
    [ ! -d "$kit/sdists" ] || build_engine "${pip[@]}"
    cp -r "$kit/docs" "$kit/THIRD_PARTY.md" "$place/"
    sync -f "$place"
    touch "$place/.complete"
  fi
  "$place/bin/rohnamo" --help >/dev/null || fail "the program does not start" "Look at what it said above."
}

build_engine() {
  command -v c++ >/dev/null || fail "the engine is compiled here, and there is no compiler" "Install build-essential."
  say "compiling llama-cpp-python: some minutes, once"
  quietly "$@" --find-links "$kit/sdists" 'scikit-build-core[pyproject]' cmake ninja
  CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF" PATH="$place/bin:$PATH" \
    quietly "$@" --find-links "$kit/sdists" --no-build-isolation --no-binary llama-cpp-python llama-cpp-python
}

users_and_folders() {
  getent passwd rohnamo >/dev/null || quietly adduser --system --group --home "$data" rohnamo
  [ -z "$screen" ] || getent passwd kiosk >/dev/null || quietly adduser --disabled-password --gecos "" kiosk
  install -d -o rohnamo -g rohnamo -m 700 "$data" "$data/sync" "$data/sync/"{packs,staging,chains,tuf,downloads,parts} "$data/"{crashes,logs}
}

# What the machine trusts is given once and never changed by a kit; so are its settings.
root_and_settings() {
  if [ -e "$data/root.json" ]; then
    [ ! -e "$kit/root.json" ] || cmp -s "$kit/root.json" "$data/root.json" || say "the root of trust of this machine stays; that of the kit is another"
  elif [ -e "$kit/root.json" ]; then
    install -o rohnamo -g rohnamo -m 644 "$kit/root.json" "$data/root.json"
    say "root of trust, compare with the paper of the ceremony: $(sha256sum "$data/root.json" | cut -d' ' -f1 | grouped)"
  fi
  [ ! -e "$data/config.toml" ] || return 0
  if [ -e "$kit/config.toml" ]; then
    install -o rohnamo -g rohnamo -m 600 "$kit/config.toml" "$data/config.toml"
  else
    { echo "# docs/configuration.md names every setting."
      echo "[sync]"
      if [ -n "$source" ]; then echo "source = \"$source\""; else echo "sticks = true"; fi; } |
      install -o rohnamo -g rohnamo -m 600 /dev/stdin "$data/config.toml"
  fi
}

as_rohnamo() { (cd / && runuser -u rohnamo -- env ROHNAMO_DATA_DIR="$data" "$place/bin/rohnamo" "$@"); }

# A stick may be readable by root alone: then a copy is handed over.
handed() {
  if runuser -u rohnamo -- test -r "$1" -a -x "$(dirname "$1")" && { [ -f "$1" ] || runuser -u rohnamo -- find "$1" >/dev/null 2>&1; }; then
    handed=$1
  else
    carried=$(mktemp -d)
    cp -r "$1" "$carried/" && chown -R rohnamo "$carried"
    handed=$carried/$(basename "$1")
  fi
}

models_and_release() {
  local file name
  for file in "$kit"/models/*.gguf; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .gguf)
    say "model $name"
    handed "$file"; as_rohnamo models add "$name" "$handed" >&2; dropped
  done
  [ -d "$kit/release" ] || { say "the kit has no release: bring one on a stick, rohnamo sync now --from STICK"; return 0; }
  say "taking the release of the kit into use"
  handed "$kit/release"; as_rohnamo sync now --from "$handed" >&2; dropped
}

# Another version: the data are kept as they are, then made into what it reads; docs/upgrade-a-machine.md is the same by hand.
upgraded() {
  local before; before=$(readlink "$program" || true)
  [ -n "$before" ] && [ "$before" != "$(basename "$place")" ] || return 0
  [ ! -d /run/systemd/system ] || quietly systemctl stop 'rohnamo-*.service'
  install -d -o rohnamo -g rohnamo -m 700 "$backups"
  local kept; kept=$backups/$before-$(date +%Y-%m-%d-%H%M%S).rohnamo
  say "keeping the data as they are: $kept"
  (cd / && quietly runuser -u rohnamo -- env ROHNAMO_DATA_DIR="$data" "$program/bin/rohnamo" backup "$kept")
  say "making the data into what this version reads"
  as_rohnamo build --wait >&2
}

dropped() { [ -z "${carried:-}" ] || rm -rf "$carried"; carried=''; }

switched() {
  local before; before=$(readlink "$program" || true)
  if [ -n "$before" ] && [ "$before" != "$(basename "$place")" ]; then
    ln -sfn "$before" "$program.before"
  fi
  ln -sfn "$(basename "$place")" "$program.new" && mv -T "$program.new" "$program"
  sync -f "$(dirname "$program")"
}

services() {
  local names=(rohnamo-sync.service)
  case $role in
    kiosk) names+=(rohnamo-serve.socket rohnamo-serve.service) ;;
    *) names+=("rohnamo-$role.socket" "rohnamo-$role.service") ;;
  esac
  [ -z "$screen" ] || names+=(rohnamo-kiosk.service rohnamo-night.service rohnamo-night.timer)
  local name
  for name in "${names[@]}"; do install -m 644 "$kit/units/$name" "$units/"; done
  [ -z "$screen" ] || install -D -m 644 "$kit/units/chromium-policy.json" /etc/chromium/policies/managed/rohnamo.json
  local enabled=(); for name in "${names[@]}"; do [ "$name" = rohnamo-night.service ] || enabled+=("$name"); done
  quietly systemctl enable "${enabled[@]}"
  if [ -d /run/systemd/system ]; then
    quietly systemctl daemon-reload
    quietly systemctl restart "${enabled[@]}"
  else
    say "systemd does not run here: the services start with the machine"
  fi
}

rollback() {
  [ -L "$program.before" ] || fail "no other program was installed before"
  local now; now=$(readlink "$program")
  place=$(dirname "$program")/$(readlink "$program.before")
  [ -e "$place/.complete" ] || fail "$place is not whole" "Install from its kit again."
  switched
  say "$program is $(basename "$place") again; before it was $now"
  [ ! -d /run/systemd/system ] || systemctl try-restart 'rohnamo-*.service'
  ended
}

ended() {
  say "rohnamo doctor"
  as_rohnamo doctor || fail "it is installed, and cannot answer yet" "Do what is said above, then: rohnamo doctor."
}

options "$@"
[ "$(id -u)" -eq 0 ] || [ -n "$only_check" ] || fail "only root can install" "Run: sudo bash install.sh"
if [ -n "$back" ]; then rollback; exit 0; fi
verified
[ -z "$only_check" ] || exit 0
fits
debian_packages
install_program
users_and_folders
root_and_settings
upgraded
models_and_release
switched
services
ended
