"""The home folder and config.toml."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tidegate.config import LEVELS, SETTABLE_GUARDS, Home, load_settings, read_toml
from tidegate.engines.automation import Automation
from tidegate.engines.choices import Choices
from tidegate.errors import ConfigError, FeedDefinitionError
from tidegate.indicators.kinds import Dialect
from tidegate.mapping.guard import Verdict


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "deep" / "home")
    made.ensure()
    return made


def said(home: Home, text: str) -> str:
    home.config_file.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_settings(home)
    line = str(raised.value)
    assert "\n" not in line
    assert line.startswith(f"{home.config_file}: ")
    return line.removeprefix(f"{home.config_file}: ")


def test_home_is_chosen_by_option_then_environment_then_user_folder(tmp_path: Path) -> None:
    environ = {"TIDEGATE_HOME": str(tmp_path / "env")}
    assert Home.locate(str(tmp_path / "option"), environ).root == tmp_path / "option"
    assert Home.locate(None, environ).root == tmp_path / "env"
    assert Home.locate(None, {}).root.name == "tidegate"
    assert Home.locate("~/x", {}).root == Path.home() / "x"


def test_folders_are_made_for_their_owner_only(home: Home) -> None:
    for folder in (home.root, home.root.parent, home.feeds_dir, home.partners_dir):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_everything_lies_below_the_root(home: Home) -> None:
    for path in (home.config_file, home.ledger_file, home.tenant_dir("default")):
        assert path.is_relative_to(home.root)


def test_existing_home_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    Home(tmp_path).ensure()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_home_may_be_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    Home(tmp_path / "link").ensure()
    assert (tmp_path / "real" / "feeds").is_dir()


def test_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ConfigError, match="--home"):
        Home(tmp_path / "home").ensure()


def test_no_file_means_defaults(home: Home) -> None:
    settings = load_settings(home)
    assert settings.limit == 15_000
    assert settings.dialect is Dialect.TODAY
    assert (settings.brake.count, settings.brake.percent) == (200, 10)
    assert settings.guard_settings().documentation is Verdict.REFUSE


def test_whole_file_is_read_into_canonical_form(home: Home) -> None:
    home.config_file.write_text(
        """
limit = 12000
dialect = "seed"
[own]
domains = ["Shop.Example.COM."]
addresses = ["198.51.100.7", "203.0.113.5/24", "2001:db8::1"]
hashes = ["D41D8CD98F00B204E9800998ECF8427E"]
thumbprints = ["AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01"]
[brake]
count = 50
[[group]]
name = "Servers"
automation = "semi"
[guards]
documentation = "warn"
own = "refuse"
""",
        encoding="utf-8-sig",
    )
    settings = load_settings(home)
    assert (settings.limit, settings.dialect) == (12_000, Dialect.SEED)
    assert settings.groups[0].name == "Servers"
    guards = settings.guard_settings()
    assert guards.own_domains == ("shop.example.com",)
    assert guards.own_addresses == ("198.51.100.7", "203.0.113.0/24", "2001:db8:0:0:0:0:0:1")
    assert guards.own_hashes == ("d41d8cd98f00b204e9800998ecf8427e",)
    assert guards.own_thumbprints == ("abcdef0123456789abcdef0123456789abcdef01",)
    assert guards.documentation is Verdict.WARN
    assert guards.homoglyph is Verdict.WARN


@pytest.mark.parametrize("guard", SETTABLE_GUARDS)
@pytest.mark.parametrize("level", LEVELS)
def test_some_guards_have_the_level_that_the_operator_gives(
    home: Home, guard: str, level: str
) -> None:
    home.config_file.write_text(f'[guards]\n{guard} = "{level}"\n')
    assert getattr(load_settings(home).guard_settings(), guard).value == level


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("limt = 3", "unknown key `limt` – did you mean `limit`?"),
        ("limit = 15001", "`limit`: must be 15000 or less, not 15001"),
        ("limit = 0", "`limit`: must be 1 or more, not 0"),
        ("reserve = -1", "`reserve`: must be 0 or more, not -1"),
        (
            "limit = 100\nreserve = 101",
            "reserve 101 is more than the limit of 100: feeds would hold no slot; lower it",
        ),
        ('dialect = "tody"', "`dialect`: must be one of 'seed' or 'today', not \"tody\""),
        ('[own]\ndomains = ["not a name"]', "`own.domains`: "),
        ('[own]\naddresses = ["10.0.0.0/99"]', '"10.0.0.0/99" is no network'),
        ('[own]\nhashes = ["198.51.100.7"]', "is no MD5, SHA-1 or SHA-256"),
        ("[brake]\npercent = 101", "`brake.percent`: must be 100 or less, not 101"),
        ('[[group]]\nname = "A"\n[[group]]\nname = "A"', 'two groups are named "A"'),
        ('[guards]\nprotectd = "refuse"', "unknown guard `protectd` – did you mean `protected`?"),
        ('[guards]\ndocumentation = "ignore"', 'documentation = "ignore" – known: refuse'),
        ("[guards]\ndocumentation = 3", 'documentation = "3" – known: refuse'),
        ("[guards]\nwarninglists = 3", "warninglists: 3 is no folder's name"),
        ('[guards]\nlists = "x"', "must be a table such as [guards.lists]"),
        ('[guards.lists]\nakamai = "warn"', "says nothing without `warninglists`"),
        (
            '[guards]\nwarninglists = "x"\nlists = {akamai = "of"}',
            'lists.akamai = "of" – did you mean "off"?',
        ),
    ],
)
def test_fault_is_one_line_with_key_and_fix(home: Home, text: str, sentence: str) -> None:
    assert sentence in said(home, text)


def test_warninglists_and_their_levels(home: Home) -> None:
    assert load_settings(home).warninglists(home) is None
    home.config_file.write_text(
        """
[guards]
public_resolver = "warn"
warninglists = "lists"
[guards.lists]
akamai = "refuse"
tranco10k = "off"
"""
    )
    settings = load_settings(home)
    assert settings.warninglists(home) == home.root / "lists"
    assert settings.lists == {"akamai": "refuse", "tranco10k": "off"}
    guards = settings.guard_settings()
    assert guards.lists == {"akamai": Verdict.REFUSE}
    assert guards.public_resolver is Verdict.WARN
    home.config_file.write_text('[guards]\nwarninglists = "/a/b"\n')
    assert load_settings(home).warninglists(home) == Path("/a/b")


@pytest.mark.parametrize(
    "guard", ["own", "protected", "special_purpose", "public_suffix", "empty_file"]
)
def test_guards_that_protect_the_tenant_cannot_be_weakened(home: Home, guard: str) -> None:
    for level in ("warn", "downgrade"):
        line = said(home, f'[guards]\n{guard} = "{level}"')
        assert f'{guard} cannot be "{level}"' in line
        assert "blocking itself" in line


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("limit = 3\nbrake =\n", "line 2, column 8"),
        ('x = "a', "line 1, column 7"),
        ("[own", "line 1, column 5"),
        ("limit = 3\nlimit = 4", "line 2, column 10"),
    ],
)
def test_syntax_error_names_line_and_column(home: Home, text: str, place: str) -> None:
    assert said(home, text).startswith(place)


def test_file_that_is_not_text(home: Home) -> None:
    home.config_file.write_bytes(b"limit = 3 # \xff")
    with pytest.raises(ConfigError, match="byte 12 is not UTF-8"):
        load_settings(home)


def test_reader_raises_what_the_caller_asks_for(tmp_path: Path) -> None:
    with pytest.raises(FeedDefinitionError, match="no such file"):
        read_toml(tmp_path / "feed.toml", FeedDefinitionError)


def test_a_table_that_stands_there_twice_is_told_how_lists_are_written(tmp_path: Path) -> None:
    path = tmp_path / "feed.toml"
    path.write_text('[rule]\nname = "a"\n[[rule]]\nname = "b"\n')
    with pytest.raises(ConfigError, match="line 3") as raised:
        read_toml(path)
    assert "[[rule]]" in raised.value.hint


@pytest.mark.parametrize("number", ["0", "17", "true", '"4"'])
def test_feeds_are_pulled_side_by_side_within_reason(tmp_path: Path, number: str) -> None:
    home = Home(tmp_path)
    assert load_settings(home).sync.side_by_side == 4
    home.config_file.write_text(f"[sync]\nside_by_side = {number}\n")
    with pytest.raises(ConfigError, match="side_by_side"):
        load_settings(home)


def test_engines_and_groups_have_their_settings(home: Home) -> None:
    assert load_settings(home).engines == Choices()
    home.config_file.write_text(
        '[engines]\nhash_order = "strictest"\n[[group]]\nname = "Servers"\n'
        'automation = "semi_core"\n'
    )
    settings = load_settings(home)
    assert settings.engines == Choices(hash_order="strictest")
    assert settings.groups[0].automation is Automation.SEMI_CORE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('hash_order = "weakest"', "`engines.hash_order`: must be one of 'strongest' or"),
        ('hash_ordr = "strongest"', "`engines`: unknown key `hash_ordr` – did you mean"),
        ("hash_order = 3", "not 3"),
    ],
)
def test_a_wrong_choice_of_the_engines_is_told(home: Home, text: str, message: str) -> None:
    home.config_file.write_text(f"[engines]\n{text}\n")
    with pytest.raises(ConfigError) as raised:
        load_settings(home)
    assert message in str(raised.value)
