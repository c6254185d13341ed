"""Which environment variables hold a source's secrets; what they hold is looked at, never told."""

from metering.secret import NAME, flaw_of_address, flaw_of_secret, of_variable
from metering.toml_reader import TomlTable

NO_NAME = "must be the name of an environment variable, and not what it holds"


def secret_name(
    table: TomlTable, key: str, default: str | None = "", *, in_header: bool = True
) -> str:
    """The variable that a key names; a mistake is kept where it holds what can be no secret. That
    it is not set is for who needs it to tell, since not every command does."""
    name = table.text(key, default)
    if name and not NAME.fullmatch(name):
        table.wrong(key, NO_NAME)
        return ""
    secret = of_variable(name) if name else None
    if secret is not None and (flaw := flaw_of_secret(secret, in_header)):
        table.wrong(key, f"the environment variable {name} {flaw}")
    return name


def tell_secret_address(table: TomlTable, key: str, address: str, instead: str) -> bool:
    """Whether an address holds a secret, which is kept as a mistake with what to do instead."""
    flaw = flaw_of_address(address)
    if flaw is not None:
        table.wrong(key, f"{flaw}; site.toml has no secrets: {instead}")
    return flaw is not None
