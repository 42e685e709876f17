// The keys of the on-screen keyboard: the official Tajik rows, Russian, English, signs. Data only.
// A name of several letters is a key that does something; "held" is what a letter gives when it is held down.

export const LAYERS = {
  "tg": {
    "name": "Тоҷикӣ", "next": "ru",
    "rows": [
      "ё 1 2 3 4 5 6 7 8 9 0 ғ ӯ",
      "й қ у к е н г ш ҳ з х ъ -",
      "ф ҷ в а п р о л д ж э enter",
      "shift я ч с м и т ӣ б ю . erase"
    ],
    "held": {"с": "ц", "ш": "щ", "и": "ы", "ъ": "ь"}
  },
  "ru": {
    "name": "Русский", "next": "en",
    "rows": [
      "ё 1 2 3 4 5 6 7 8 9 0 - №",
      "й ц у к е н г ш щ з х ъ :",
      "ф ы в а п р о л д ж э enter",
      "shift я ч с м и т ь б ю . erase"
    ],
    "held": {"г": "ғ", "к": "қ", "х": "ҳ", "ч": "ҷ", "и": "ӣ", "у": "ӯ"}
  },
  "en": {
    "name": "English", "next": "tg",
    "rows": [
      "' 1 2 3 4 5 6 7 8 9 0 - /",
      "q w e r t y u i o p ( ) :",
      "a s d f g h j k l ; \" enter",
      "shift z x c v b n m @ _ . erase"
    ],
    "held": {}
  },
  "signs": {
    "name": "?!№", "next": "",
    "rows": [
      "1 2 3 4 5 6 7 8 9 0 + = %",
      "« » „ “ \" ' ( ) [ ] / & №",
      "! ? : ; - – — _ @ # * enter",
      "shift . , … § ° < > × ÷ | erase"
    ],
    "held": {}
  }
};

export const LAST = "layer signs , space ? hide";

// Half columns of 26 in a row; a letter has two.
export const WIDTHS = {"shift": 3, "erase": 3, "enter": 4, "layer": 5, "signs": 3, "space": 11, "hide": 3};
