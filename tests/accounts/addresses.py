"""Ways to write an address: those that mail programs read as the same one, and those that no form takes."""

from __future__ import annotations

# For an address of ASCII letters: what each makes of it is that address.
SAME = {
    "capitals": str.upper,
    "full-width domain": lambda email: email.replace("example", "ｅｘａｍｐｌｅ"),
    "full-width name": lambda email: chr(ord(email[0]) + 0xFEE0) + email[1:],
    "full-width at": lambda email: email.replace("@", "＠"),
    "ideographic full stop": lambda email: email.replace(".", "。"),
    "trailing blank": lambda email: f"{email} ",
    "trailing next line": lambda email: f"{email}\x85",
    "trailing line separator": lambda email: f"{email}\u2028",
    "leading ideographic space": lambda email: f"\u3000{email}",
    "variation selector": lambda email: email.replace("example", "exa\ufe0fmple"),
}
REFUSED = {
    "soft hyphen": lambda email: email.replace("example", "exa\u00admple"),
    "soft hyphen in the name": lambda email: f"{email[0]}\u00ad{email[1:]}",
    "zero-width space": lambda email: f"\u200b{email}",
    "zero-width space at the end": lambda email: f"{email}\u200b",
    "byte order mark": lambda email: f"\ufeff{email}",
    "right-to-left override": lambda email: email.replace("example", "\u202eexample"),
    "line separator": lambda email: email.replace("example", "exa\u2028mple"),
    "line break": lambda email: email.replace("example", "exa\nmple"),
    "no-break space": lambda email: email.replace("example", "exa\u00a0mple"),
    "control character": lambda email: email.replace("example", "exa\x85mple"),
    "NUL": lambda email: email.replace("example", "exa\0mple"),
    "unassigned": lambda email: email.replace("example", "exa\u0378mple"),
    "dotless i": lambda email: f"\u0131{email}",
    "malformed punycode": lambda email: email.replace("example", "xn--zz"),
    "empty label": lambda email: email.replace(".", ".."),
    "long label": lambda email: email.replace("example", "e" * 64),
    "long address": lambda email: "a" * 250 + email,
}
