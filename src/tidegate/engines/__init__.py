"""What Defender would do with an event: three engines that honour one list, and one precedence.

    event         what a device did, as far as indicators can match it
    matcher       the list, made ready for millions of events
    precedence    which of the indicators that match decides, by the rules in `rules`
    choices       what Microsoft's pages leave open
    prevention    endpoint prevention: decides one event before it happens
    detection     cloud detection: scans what was collected
    investigation automated investigation and remediation: findings with verdicts
    registry      the three by name

Pure: lists, events and times come in, verdicts go out. Microsoft, "Create indicators"; "Overview of
indicators"; "Create indicators for files"; "Create indicators for IPs and URLs/domains".
"""
