"""From options and settings to endpoints, a transport and the secrets that nobody may see."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from llmgym.errors import SettingsError
from llmgym.policies.endpoints import Endpoint, Redactor, Router
from llmgym.policies.http import HttpTransport, Transport
from llmgym.policies.payload import Api

if TYPE_CHECKING:
    from llmgym.settings import PolicySettings

__all__ = ["Connection", "connect"]

PUBLIC_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, repr=False)
class Connection:
    """Where a policy's requests go and how.

    Attributes:
        model: Name of the model.
        api: ``chat`` or ``responses``.
        router: The endpoints.
        transport: How requests travel.
        redact: Takes every secret out of a text.
        identity: What describes the connection, without secrets.
    """

    model: str
    api: Api
    router: Router
    transport: Transport
    redact: Redactor
    identity: dict[str, Any]

    @property
    def public(self) -> bool:
        """Whether this is OpenAI's own service."""
        return any(endpoint.shown.startswith(PUBLIC_URL) for endpoint in self.router.endpoints)


def connect(
    model: str | None,
    base_url: str | Sequence[str] | None,
    api_key: str | None,
    api: Api | None,
    transport: str | None,
    headers: Mapping[str, str],
    azure: Mapping[str, Any],
) -> Connection:
    """Resolve what a policy was given, with settings for what it was not.

    Args:
        model: Name of the model.
        base_url: One address or several.
        api_key: The key.
        api: Which API.
        transport: ``fast``, ``openai`` or ``None`` for the one that fits.
        headers: Further headers.
        azure: Options of Azure, without those that were left out; empty for any other endpoint.

    Raises:
        SettingsError: When something is missing or does not fit together.
    """
    if azure and "azure_endpoint" not in azure:
        raise SettingsError(
            f"Expected azure_endpoint beside {', '.join(azure)}: set it to your resource's address."
        )
    if transport not in (None, "fast", "openai"):
        raise SettingsError(f"Expected transport to be 'fast' or 'openai', found {transport!r}.")
    if azure and transport == "fast":
        raise SettingsError("Azure is reached through transport='openai': leave transport out.")
    if azure and base_url is not None:
        raise SettingsError("Expected either base_url or azure_endpoint, found both: leave one out.")
    if azure:
        model = model or azure.get("azure_deployment")
        api_key = api_key or os.environ.get("AZURE_OPENAI_API_KEY")
    if None in (model, api_key, api) or (base_url is None and not azure):
        settings = _settings()
        model = model or settings.model
        api = api or settings.api
        if not azure:
            base_url = settings.base_url if base_url is None else base_url
        if api_key is None and settings.api_key is not None and not _has_azure_token(azure):
            api_key = settings.api_key.get_secret_value()
    if not model:
        raise SettingsError(
            "No model is named: pass model (--model), or set LLMGYM_MODEL or policy.model in llmgym.yaml."
        )
    if api is None or api not in get_args(Api):
        raise SettingsError(f"Expected api to be 'chat' or 'responses', found {api!r}.")
    if azure:
        return _connect_azure(model, api, api_key, headers, azure)
    if base_url is None and not api_key:
        raise SettingsError(
            "No endpoint is set: pass base_url (--base-url) or set OPENAI_BASE_URL for a server of your own, or set "
            "OPENAI_API_KEY for OpenAI's."
        )
    urls = [base_url or PUBLIC_URL] if isinstance(base_url, str | None) else list(base_url)
    if not urls:
        raise SettingsError("Expected at least one base_url, found an empty list.")
    endpoints = [Endpoint(url, api_key, headers) for url in urls]
    redact = Redactor(secret for endpoint in endpoints for secret in endpoint.secrets)
    way: Transport = HttpTransport()
    if transport == "openai":
        from llmgym.policies.sdk import SdkTransport

        way = SdkTransport(api_key)
    shown = [endpoint.shown for endpoint in endpoints]
    return Connection(
        model, api, Router(endpoints), way, redact, {"base_url": shown[0] if len(shown) == 1 else shown}
    )


def _connect_azure(
    model: str, api: Api, api_key: str | None, headers: Mapping[str, str], azure: Mapping[str, Any]
) -> Connection:
    from llmgym.policies.sdk import SdkTransport

    if not (api_key or _has_azure_token(azure)):
        raise SettingsError(
            "No key for Azure is set: set AZURE_OPENAI_API_KEY, or pass api_key, azure_ad_token or "
            "azure_ad_token_provider."
        )
    if not (azure.get("api_version") or os.environ.get("OPENAI_API_VERSION")):
        raise SettingsError("No API version for Azure is set: pass api_version or set OPENAI_API_VERSION.")
    endpoint = Endpoint(azure["azure_endpoint"], None, headers)
    tokens = [api_key, azure.get("azure_ad_token"), os.environ.get("AZURE_OPENAI_AD_TOKEN")]
    redact = Redactor([*endpoint.secrets, *filter(None, tokens)])
    identity = {"base_url": endpoint.shown}
    identity |= {name: azure[name] for name in ("azure_deployment", "api_version") if name in azure}
    return Connection(model, api, Router([endpoint]), SdkTransport(api_key, azure), redact, identity)


def _has_azure_token(azure: Mapping[str, Any]) -> bool:
    named = "azure_ad_token" in azure or "azure_ad_token_provider" in azure
    return named or bool(azure and os.environ.get("AZURE_OPENAI_AD_TOKEN"))


def _settings() -> PolicySettings:
    from llmgym.settings import load_settings

    return load_settings().policy
