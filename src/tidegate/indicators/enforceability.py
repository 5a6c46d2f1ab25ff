"""What Defender will not enforce of a row, or only in part, although it takes the row.

Owns the notes, each with its source. Refuses refusal: a row that is enforced in part may still be
worth its slot, so a note never rejects. Only what is known is noted; a file that nobody named may
well be a program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, Action, Dialect, IndicatorType, supported

EDGE_ONLY = "edge_only"
MD5 = "md5"
CERTIFICATE_ACTION = "certificate_action"
NOT_PE = "not_pe"


class Note(NamedTuple):
    """One limit of enforcement: a stable code, and a sentence for people."""

    code: str
    text: str


_EDGE_ONLY = Note(EDGE_ONLY, "the path of an HTTPS URL is enforced in Edge only")
_MD5 = Note(MD5, "MD5 is the weakest hash, and Defender may refuse to create the row")
_NOT_PE = Note(NOT_PE, "Defender enforces files on programs (PE) only, and this is known as none")
_CERTIFICATE = MappingProxyType(
    {
        True: "covers what is signed with this leaf certificate; Microsoft's own is never blocked",
        False: "for certificates Defender takes only Allow and Alert and block",
    }
)

PE_EXTENSIONS = frozenset(
    (
        *("acm", "ax", "com", "cpl", "dll", "drv", "efi", "exe", "ime", "mui", "node", "ocx"),
        *("pif", "pyd", "rll", "scr", "sys", "tsp", "winmd", "xll"),
    )
)
"""Extensions under which Windows loads or starts PE images.

`com` and `pif` are here because Windows starts a PE image under those names as well.
"""

OTHER_EXTENSIONS = frozenset(
    (
        *("csv", "doc", "docm", "docx", "dot", "dotm", "dotx", "eml", "epub", "htm", "html", "ics"),
        *("json", "md", "mht", "mhtml", "msg", "odp", "ods", "odt", "one", "pdf", "potm", "pps"),
        *("ppsm", "ppsx", "ppt", "pptm", "pptx", "pub", "rtf", "slk", "txt", "xls", "xlsb", "xlsm"),
        *("xlsx", "xml", "xps"),
        *("bash", "bat", "chm", "cmd", "hta", "inf", "jar", "js", "jse", "jsp", "jspx", "lnk"),
        *("lua", "php", "pl", "ps1", "psd1", "psm1", "py", "rb", "reg", "sct", "sh", "swf", "url"),
        *("asp", "aspx", "vba", "vbe", "vbs", "wsf", "wsh", "yaml", "yml"),
        *("7z", "ace", "arj", "bz2", "cab", "gz", "img", "iso", "lzh", "rar", "tar", "tgz", "udf"),
        *("vhd", "vhdx", "xz", "z", "zip", "zst"),
        *("aac", "avi", "bmp", "gif", "ico", "jpeg", "jpg", "mov", "mp3", "mp4", "png", "svg"),
        *("tif", "tiff", "wav", "webp"),
        *("apk", "class", "deb", "dex", "dmg", "dylib", "elf", "ipa", "ko", "macho", "msi", "msix"),
        *("pcap", "pkg", "pyc", "rpm", "so", "wasm"),
    )
)
"""Extensions that name another format: documents, scripts, archives, media, other systems.

All others, such as `bin`, `dat`, `tmp` or none, say nothing: malware hides PE images under them.
"""

_UNSPECIFIC = frozenset(
    f"application/{name}"
    for name in ("binary", "octet-stream", "unknown", "x-binary", "x-executable", "x-object")
)
_PE_MIME = frozenset(
    (
        *("application/vnd.microsoft.portable-executable", "application/exe", "application/x-exe"),
        *("application/x-dosexec", "application/x-msdos-program", "application/x-msdownload"),
        *("application/x-ms-dos-executable", "application/dos-exe", "application/x-winexe"),
    )
)
"""Spellings of one thing: the registered name, libmagic's, and those of older programs."""

_MIME = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]*")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]+)[. ]*\Z")


def enforceability(
    kind: IndicatorType,
    value: str,
    action: Action,
    context: Mapping[str, tuple[str, ...]],
) -> tuple[Note, ...]:
    """Return the notes on a row with a canonical value; empty when Defender enforces it in full.

    `context` is what is known of a file: `file_name` and `mime_type`, each any number of texts as
    publishers write them. Other keys are ignored.

    - `edge_only`: "Create indicators for IPs and URLs/domains": programs other than Edge show no
      more of an HTTPS connection than the name of its host.
    - `md5`: the current API page lists MD5; connectors report that its creation is refused, and
      the first enumeration had none.
    - `certificate_action`: "Overview of indicators", "Supported IoC actions", and "Create
      indicators based on certificates".
    - `not_pe`: "Create indicators for files": portable executables such as .exe and .dll.
    """
    match kind:
        case IndicatorType.URL:
            return (_EDGE_ONLY,) if edge_only(value) else ()
        case IndicatorType.CERTIFICATE:
            taken = supported(Dialect.TODAY, kind, action)
            return (Note(CERTIFICATE_ACTION, _CERTIFICATE[taken]),)
    notes: list[Note] = []
    if kind is IndicatorType.FILE_MD5:
        notes.append(_MD5)
    if kind in FILE_TYPES and _known_as_other(context):
        notes.append(_NOT_PE)
    return tuple(notes)


def notes_of(row: Indicator) -> tuple[Note, ...]:
    """Return the notes on a row of the list."""
    return enforceability(row.type, row.value, row.action, row.context)


def edge_only(url: str) -> bool:
    """Say whether only Edge sees what a canonical URL names: there is a path, and it is HTTPS."""
    scheme, _, rest = url.partition("://")
    return scheme == "https" and rest.partition("/")[2] != ""


def _known_as_other(context: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether the MIME types, or else all names, call a file something other than PE.

    One word for PE outweighs all others. A MIME type is read off the content, so names of no
    meaning do not weaken it.
    """
    types = [_mime_says(text) for text in context.get("mime_type", ())]
    names = [_name_says(text) for text in context.get("file_name", ())]
    if True in types or True in names:
        return False
    return False in types or (names != [] and None not in names)


def _name_says(name: str) -> bool | None:
    """Tell PE from another format by a name's extension; None when it says neither."""
    found = _EXTENSION.search(name)
    extension = found[1].lower() if found else ""
    if extension in PE_EXTENSIONS:
        return True
    return False if extension in OTHER_EXTENSIONS else None


def _mime_says(text: str) -> bool | None:
    """Tell PE from another format by a MIME type; None when it says neither."""
    mime = text.partition(";")[0].strip().lower()
    if mime in _PE_MIME:
        return True
    return False if _MIME.fullmatch(mime) and mime not in _UNSPECIFIC else None
