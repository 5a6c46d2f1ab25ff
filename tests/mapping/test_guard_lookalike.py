"""What the eye takes for a protected name is found, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import canonical
from tidegate.mapping.guard_lookalike import _IMITATORS, Lookalikes, skeleton
from tidegate.mapping.guard_names import PROTECTED

LOOKALIKES = Lookalikes(PROTECTED)


def resembled(written: str) -> str:
    return LOOKALIKES.resembled(canonical(IndicatorType.DOMAIN_NAME, written))


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ("micrоsoft.com", "microsoft.com"),  # Cyrillic о
        ("mіcrоsоft.com", "microsoft.com"),
        ("mícrosoft.com", "microsoft.com"),
        ("rnicrosoft.com", "microsoft.com"),
        ("m1cr0s0ft.com", "microsoft.com"),
        ("login.micros0ft.com", "microsoft.com"),
        ("goog1e.com", "google.com"),
        ("gооgle.com", "google.com"),
        ("gοοgle.com", "google.com"),  # Greek
        ("аррle.com", "apple.com"),
        ("vvindows.com", "windows.com"),
        ("0ffice365.com", "office365.com"),
        ("bıng.com", "bing.com"),
        ("ʟive.com", ""),
    ],
)
def test_impostors(written: str, model: str) -> None:
    assert resembled(written) == model


@pytest.mark.parametrize(
    "name",
    [
        "notmicrosoft.com",
        "microsoft.co",
        "microsoft.com.example.net",
        "gogle.com",
        "example.com",
        "münchen.example.com",
        "xn--a.example.com",
        "xn--99999999.com",
    ],
)
def test_others(name: str) -> None:
    assert LOOKALIKES.resembled(name) == ""


@given(st.data(), st.sampled_from(PROTECTED))
def test_one_letter_changed_for_its_double_is_found(data: st.DataObject, name: str) -> None:
    label = name.partition(".")[0]
    place = data.draw(st.integers(0, len(label) - 1))
    doubles = _IMITATORS.get(label[place], "")
    if doubles:
        changed = label[:place] + data.draw(st.sampled_from(doubles)) + label[place + 1 :]
        ace = changed if changed.isascii() else "xn--" + changed.encode("punycode").decode()
        assert LOOKALIKES.resembled(f"a.{ace}.com") in (f"{label}.com", "live.com")


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-.", max_size=30))
def test_a_skeleton_is_its_own_skeleton_letter_for_letter(name: str) -> None:
    once = skeleton(name)
    assert len(once) <= len(name)
    assert set(once) <= set(name) | set("olsmw")
