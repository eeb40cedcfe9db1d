"""Static files as they are sent: hashed and compressed by WhiteNoise; our own have lost their comments before."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_BLANK = r"(?>\s|/\*.*?(?:\*/|\Z))"  # or a comment
_TEXT = r"""(?:"(?>\\.|[^"\\\n])*+"|'(?>\\.|[^'\\\n])*+')"""
_STYLES = re.compile(rf"({_TEXT})|{_BLANK}*+([{{}};,]){_BLANK}*+|(:){_BLANK}++|{_BLANK}++", re.DOTALL)
_COMMENT_OR_INDENT = re.compile(r"^\s*//.*\n|^\s+", re.MULTILINE)


def without_comments(name: str, text: str) -> str:
    """The style sheet or script without comments and most blanks; to a browser it says the same.

    A script keeps comments that stand behind code.
    """
    if name.endswith(".css"):
        return _STYLES.sub(lambda found: found[found.lastindex] if found.lastindex else " ", text)
    return _COMMENT_OR_INDENT.sub("", text)


class SmallStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, with our own style sheets and scripts made smaller before they are compressed."""

    def _save(self, name: str, content: Any) -> str:
        if name.startswith("forum/") and name.endswith((".css", ".js")):
            text = b"".join(content.chunks()).decode()
            content = ContentFile(without_comments(name, text).encode())
        return str(super()._save(name, content))
