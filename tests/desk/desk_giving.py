"""Gives tokens out without a cable."""

from bluetoken.registry import Registry
from bluetoken.registry.tokens import Issue


def give(registry: Registry, label: str, token_id: str | None = None, board: str = "esp32c3") -> str:
    """Issue a token labelled `label` and return its id, which the label determines."""
    token_id = token_id or label.encode().hex().rjust(16, "0")[-16:]
    registry.tokens.begin_issue(
        Issue(
            token_id=token_id,
            label=label,
            board=board,
            hardware_id="",
            retention_days=21,
            holder=f"wearer of {label}",
            legal_basis="consent, form 3",
        )
    )
    registry.tokens.finish_issue(token_id)
    return token_id
