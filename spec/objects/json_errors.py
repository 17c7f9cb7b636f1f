"""What Go's `encoding/json` says of a text that is no JSON, from where Python's parser stopped."""

import json

_WORDS = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": (
        "looking for beginning of object key string"
    ),
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
}


def word_like_go(error: json.JSONDecodeError) -> str:
    """Return what Go says of the text that Python could not read."""
    rest = error.doc[error.pos :].lstrip()
    if not rest or error.msg.startswith("Unterminated string"):
        return "unexpected end of JSON input"
    after_item = "after array element" if _is_in_array(error) else "after object key:value pair"
    return f"invalid character {_quote_rune(rest[0])} {_WORDS.get(error.msg, after_item)}"


def _is_in_array(error: json.JSONDecodeError) -> bool:
    before = error.doc[: error.pos]
    return before.rfind("[") > before.rfind("{")


def _quote_rune(letter: str) -> str:
    return {"'": r"'\''", '"': "'\"'"}.get(letter, f"'{letter}'")
