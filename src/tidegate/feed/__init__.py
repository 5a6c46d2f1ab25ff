"""What a feed.toml says, checked; the format is the one that the README shows.

    definition  the whole: identity, trust, share; `parse_feed`
    source      `[source]` and `auth`
    rules       `[[rule]]` and `[default]`
    when        the conditions of a rule
    expiry      `[expiry]`, the bounds of every rule's term
    template    texts with places for what the feed says

Pure: pydantic models made from decoded TOML. Every refusal is one line that names the file, the key
and the nearest known word.
"""

from tidegate.feed.definition import FeedDefinition, Share, feed_id, parse_feed
from tidegate.feed.expiry import Decay, Expiry
from tidegate.feed.rules import CATEGORIES, TEXTS, Default, Rule, Then
from tidegate.feed.source import (
    Auth,
    BasicAuth,
    BearerAuth,
    BundleSource,
    ClientCert,
    FolderSource,
    HeaderAuth,
    HttpsSource,
    Source,
    TaxiiSource,
)
from tidegate.feed.template import PLACES, fill
from tidegate.feed.when import When

__all__ = [
    "CATEGORIES",
    "PLACES",
    "TEXTS",
    "Auth",
    "BasicAuth",
    "BearerAuth",
    "BundleSource",
    "ClientCert",
    "Decay",
    "Default",
    "Expiry",
    "FeedDefinition",
    "FolderSource",
    "HeaderAuth",
    "HttpsSource",
    "Rule",
    "Share",
    "Source",
    "TaxiiSource",
    "Then",
    "When",
    "feed_id",
    "fill",
    "parse_feed",
]
