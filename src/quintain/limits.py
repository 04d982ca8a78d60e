"""Limits on what strangers send: sizes, counts and times beyond which a reader stops, each with its name.

A limit stands here when a file, a page or a response of somebody else runs into it; docs/security.md lists them.
"""

LINE_BYTES = 1 << 28
"""Longest line of a file of JSON lines."""
WARC_HEADER_BYTES = 1 << 16
"""Longest header of a record of a web archive; HTTP headers are given as much again."""
WARC_LENGTH_DIGITS = 18
"""Most digits of the length that a record of a web archive gives."""
WARC_MEMBER_BYTES = 1 << 31
"""Most inflated bytes of one gzip member that are searched for further records after one of a wrong length."""
GZIP_PROBE_BYTES = 1 << 10
"""Bytes of a gzip member within which a record of a web archive must begin."""
PAGE_BYTES = 5_000_000
"""Largest page, in bytes of HTML: beyond it markup is data or an attack, and takes minutes and gigabytes to parse."""
PAGE_ATTRIBUTES = 1000
"""Most attributes of a tag; the 101 real pages of the tests stay below 700."""
PAGE_OPEN_ELEMENTS = 10_000
"""Most elements open at once; browsers stop at 512."""
PAGE_SECONDS = 60.0
"""Longest time for the main text of one page, in seconds of its process."""
BUCKET_TEXTS = 1000
"""Most texts of one bucket that a text is compared with in the search for near-duplicates; a crowd of pages that are
made to meet there, and to be just no duplicates, would have to be compared each with each."""
EDIT_CHARACTERS = 200_000
"""Longest text of an edit, and longest question under which it is found."""
EDIT_TEXTS = 1000
"""Most aliases, paraphrases and former answers of an edit, together."""
FUTURE_SECONDS = 86_400.0
"""How far in the future an act on an edit memory may lie: clocks differ, by hours at most."""
NAME_BYTES = 120
"""Bytes that the name of one file gives to the name of another, such as that of a shard."""
