"""Assembles what completes calls: router, vocabularies, content checks, supervisor and gateway."""

from __future__ import annotations

import asyncio
import random
import secrets

import structlog

from pointsman_server.adapters.dialects import DIALECTS
from pointsman_server.config import Settings
from pointsman_server.errors import ConfigurationError
from pointsman_server.execution.attempts import Attempts
from pointsman_server.execution.content import ContentChecker
from pointsman_server.execution.moderation import ModerationSettings, Moderator
from pointsman_server.execution.reading_on import ReadingOnSettings
from pointsman_server.execution.settings import RunSettings
from pointsman_server.execution.supervisor import Supervisor, SupervisorSettings
from pointsman_server.execution.walk import RetrySettings
from pointsman_server.foundation import Foundation
from pointsman_server.gateway import Gateway
from pointsman_server.ids import new_id
from pointsman_server.policy.keeper import PolicyKeeper
from pointsman_server.policy.kill_keeper import KillKeeper
from pointsman_server.router import vocabularies
from pointsman_server.router.model import Defaults, Profile
from pointsman_server.router.router import Router
from pointsman_server.router.tokenizers import Tokenizers
from pointsman_server.toml_document import suggestion

_log = structlog.get_logger(__name__)


def router_of(settings: Settings) -> Router:
    """The router, with what the operator wants where a request does not say."""
    return Router(
        overhead_tokens={name: dialect.overhead_tokens for name, dialect in DIALECTS.items()},
        defaults=Defaults(
            provider_priority=settings.provider_priority,
            profile=Profile.BALANCED if settings.cost_optimization else Profile.BEST,
        ),
    )


def supervisor_of(base: Foundation) -> Supervisor:
    """What makes the attempts of completions, and settles each."""
    settings, storage = base.settings, base.storage
    attempts = Attempts(dialects=DIALECTS, transport=base.transport, keys=base.providers.keys, clock=base.clock)
    retry = RetrySettings(settings.retries, settings.retry_base_delay_ms, settings.retry_max_delay_ms)
    run = RunSettings(
        connect_ms=settings.connect_timeout_ms,
        first_token_ms=settings.first_token_timeout_ms,
        chunk_ms=settings.chunk_timeout_ms,
        stalled_reader_ms=settings.stalled_reader_ms,
        retry=retry,
        reading_on=ReadingOnSettings(settings.read_to_end_ms, settings.max_read_to_end),
    )
    return Supervisor(
        ledger=storage.ledger,
        attempts=attempts,
        claims=storage.claims,
        settings=SupervisorSettings(settings.max_concurrent_completions, settings.retry_budget_percent, run),
        clock=base.clock,
        jitter=random.Random(),  # noqa: S311  # it spreads retries, it guards nothing
    )


def tokenizers_of(settings: Settings) -> Tokenizers:
    """The vocabularies that are at hand."""
    found = vocabularies.load(settings.tokenizer_dir)
    for name, vocabulary in found.items():
        _log.info("vocabulary", tokenizer=name, path=str(vocabulary.path), published=vocabulary.published)
    return Tokenizers({name: vocabulary.encoding for name, vocabulary in found.items()})


async def gateway_of(base: Foundation, supervisor: Supervisor, policy: PolicyKeeper, kills: KillKeeper) -> Gateway:
    """What routes and completes.

    Raises:
        ConfigurationError: the provider that moderates is none, or a vocabulary is broken.
    """
    return Gateway(
        catalog=base.providers.catalog,
        policy=policy.engine,
        policy_at_least=policy.at_least,
        tokenizers=await asyncio.to_thread(tokenizers_of, base.settings),
        router=base.router,
        ledger=base.storage.ledger,
        supervisor=supervisor,
        clock=base.clock,
        new_id=new_id,
        new_seed=lambda: secrets.randbits(64),
        watch=base.watch,
        kills=kills,
        content=_content(base),
        total_timeout_ms=base.settings.total_timeout_ms,
    )


def _content(base: Foundation) -> ContentChecker:
    settings, providers = base.settings, base.providers
    asked = ModerationSettings(settings.moderation_provider, settings.moderation_model, settings.moderation_timeout_ms)
    known = providers.catalog.snapshot.providers
    if asked.provider_id and asked.provider_id not in known:
        near = suggestion(asked.provider_id, known)
        raise ConfigurationError(f"moderation_provider: there is no provider {asked.provider_id}.{near}")
    moderator = Moderator(asked, transport=base.transport, keys=providers.keys, catalog=providers.catalog)
    return ContentChecker(moderator, window=settings.content_window_characters)
