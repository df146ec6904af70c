"""Settings come back as they were saved."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wearable import settings as token_settings

drawn = st.builds(
    token_settings.Settings,
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=8, max_size=8),
    st.text(max_size=40),
    st.integers(1, 400),
    st.integers(0, 0xFFFF),
    st.binary(max_size=64),
    st.sampled_from((b"", bytes(range(32)))),
)


@given(drawn, drawn)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_ones_saved_are_loaded(tmp_path: Path, monkeypatch, first, second):
    monkeypatch.setattr(token_settings, "_PATH", str(tmp_path / "token.json"))
    token_settings.save(first)
    token_settings.save(second)
    assert vars(token_settings.load()) == vars(second)


@given(st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_bytes_are_no_settings(tmp_path: Path, monkeypatch, noise):
    path = tmp_path / "token.json"
    path.write_bytes(noise)
    monkeypatch.setattr(token_settings, "_PATH", str(path))
    assert token_settings.load() is None
