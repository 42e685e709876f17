"""What is near enough to a question to be shown to somebody who got no answer.

The search always finds something: a document that shares one rare word with a question may have nothing to do with
it.  Near is what comes near as a whole and says so in its title.  Whether there is an answer is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from assistant import rumour
from assistant.account import Account
from assistant.query import Query
from index import Hit, Snapshot

# Of the score of the second look, and of what the question is about in the title, both 0..1: set by looking at what the
# seed cannot answer, of the train and dev services.
_FINAL, _TITLE = 0.4, 0.2


def only_near(account: Account, snapshot: Snapshot) -> Account:
    """Return the same, but of an abstention only the near documents, and the office only where there are some."""
    answer = account.answer
    warned = set(rumour.notices(answer.language)) <= set(answer.warnings)
    if answer.claims or answer.clarify or warned:
        return account
    near = tuple((hit, document) for hit, document in answer.hits if _is_near(snapshot, account.query, hit))
    return replace(account, answer=replace(answer, hits=near, office=answer.office if near else None))


def _is_near(snapshot: Snapshot, query: Query, hit: Hit) -> bool:
    return hit.scores.get("final", 0.0) >= _FINAL and snapshot.coverage(query.about, hit.document.title) >= _TITLE
