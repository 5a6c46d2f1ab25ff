"""What may be read leniently, by name: every deviation from STIX that has one certain meaning.

Owns the names and what each of them means to a person. Each repair is counted, told by `why`, and
may be switched off in a feed's `[repairs]`; what needed it is then rejected under its name. Refuses
to repair anything: the readers do, and leave the name. Public feeds would lose over a fifth of
their usable indicators without them.
"""

from __future__ import annotations

from types import MappingProxyType

ALIAS_DROPPED = "alias_dropped"
COMPARISON_QUOTED = "comparison_quoted"
CONFIDENCE_IGNORED = "confidence_ignored"
HASH_KEY_SPELLING = "hash_key_spelling"
HASH_KEY_UNQUOTED = "hash_key_unquoted"
HASH_LENGTH_DECIDES = "hash_length_decides"
ID_NOT_UUID = "id_not_uuid"
IP_IN_DOMAIN = "ip_in_domain"
NOT_A_BUNDLE = "not_a_bundle"
PATTERN_TYPE_MISSING = "pattern_type_missing"
PATTERN_TYPE_SPELLING = "pattern_type_spelling"
REFANGED = "refanged"
SCHEME_MISSING = "scheme_missing"
SPEC_VERSION_INFERRED = "spec_version_inferred"
TIMESTAMPS_INFERRED = "timestamps_inferred"
TYPE_MISSING = "type_missing"

REPAIRS = MappingProxyType(
    {
        ALIAS_DROPPED: "one of several hashes of the file cannot be read; the others stand for it",
        COMPARISON_QUOTED: "the comparison stood in double quotes and was read without them",
        CONFIDENCE_IGNORED: "the confidence is no number from 0 to 100 and counts as absent",
        HASH_KEY_SPELLING: "the hash's algorithm is not spelled as in STIX, and plain all the same",
        HASH_KEY_UNQUOTED: "the hash's algorithm has a hyphen and lacked its quotes",
        HASH_LENGTH_DECIDES: "the hash has the length of another algorithm than it was filed under",
        ID_NOT_UUID: "the id does not end in a UUID; it names the object all the same",
        IP_IN_DOMAIN: "an address stood where a domain name belongs",
        NOT_A_BUNDLE: "the objects came in something other than a STIX bundle",
        PATTERN_TYPE_MISSING: "no pattern_type: the pattern was read as STIX",
        PATTERN_TYPE_SPELLING: "the pattern_type is a spelling of stix",
        REFANGED: "the value was disarmed (hxxp, [.]) and was read as what it stands for",
        SCHEME_MISSING: "the URL has no scheme and was read as http://",
        SPEC_VERSION_INFERRED: "spec_version is missing or odd; the properties are those of 2.1",
        TIMESTAMPS_INFERRED: "created, modified or valid_from is missing; another stands in",
        TYPE_MISSING: "the object has no type; its id says what it is",
    }
)
"""Every repair and what it read how, in a sentence for `why`."""

FIELD = MappingProxyType(
    {
        CONFIDENCE_IGNORED: "confidence",
        ID_NOT_UUID: "id",
        PATTERN_TYPE_MISSING: "pattern_type",
        PATTERN_TYPE_SPELLING: "pattern_type",
        SPEC_VERSION_INFERRED: "spec_version",
        TIMESTAMPS_INFERRED: "modified",
        TYPE_MISSING: "type",
    }
)
"""The property that each repair of a whole object is about; the others are about `pattern`."""
