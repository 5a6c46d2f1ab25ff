"""A credential is noticed in whatever honest spelling it comes back."""

import html
import json
from base64 import b64encode
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.taxii.credential import Credential


def echoed(credential: Credential, text: str) -> bool:
    return any(form in text.encode() for form in credential.forms())


@given(secret=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=16))
def test_an_echo_is_noticed_in_every_spelling(secret: str) -> None:
    basic = Credential.basic("someone", secret)
    for text in (
        secret,
        json.dumps(secret),
        json.dumps(secret).replace("/", "\\/"),
        json.dumps(secret, ensure_ascii=False),
        html.escape(secret),
        quote(secret),
        quote(secret, safe=""),
        urlencode({"a": secret}),
        basic.value,
        b64encode(secret.encode()).decode(),
    ):
        assert echoed(basic, f"…{text}…")


def test_all_kinds_know_their_secrets() -> None:
    plain = "s3cr3t-t0ken"
    for credential in (
        Credential.bearer(plain),
        Credential("X-API-Key", plain),
        Credential.basic("someone", plain),
    ):
        assert echoed(credential, plain)
    assert not echoed(Credential.basic("the-name-of-a-person", plain), "the-name-of-a-person")
    assert plain not in repr(Credential.bearer(plain))


def test_a_user_name_is_a_secret_where_it_is_a_key() -> None:
    key = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert echoed(Credential.basic(key, "", secret_name=True), key)
    for name in ("tidegate", "example-corp-security-centre-2", "soc.7of9.team@example.com"):
        assert not echoed(Credential.basic(name, "", secret_name=True), name)


def test_one_search_does_for_a_secret_that_nobody_escapes() -> None:
    assert Credential("X-API-Key", "s3cr3t-t0ken").forms() == {b"s3cr3t-t0ken", b"czNjcjN0LXQwa2Vu"}
    assert len(Credential.bearer("A-long-prefix-0f-sixteen/and+more=").forms()) == 2
    assert b"example.com" not in Credential.bearer("example.com/x").forms()


@pytest.mark.parametrize("word", ["guest", "taxii", "password", "indicator", "1234567", ""])
def test_everyday_words_are_not_taken_for_secrets(word: str) -> None:
    credential = Credential.basic("guest", word)
    assert not echoed(credential, f"a feed may speak of {word}")
    assert echoed(credential, credential.value)
