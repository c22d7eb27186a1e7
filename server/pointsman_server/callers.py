"""Assembles what knows callers: who is asking, the first administrator, and the service that manages who may ask."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.config import Settings
from pointsman_server.foundation import Foundation
from pointsman_server.identity.authenticator import Authenticator
from pointsman_server.identity.credentials import JwtVerifier
from pointsman_server.identity.first_run import FirstRun
from pointsman_server.identity.issuer import TokenIssuer
from pointsman_server.identity.sign_up import SignUps
from pointsman_server.identity.token_file import TokenFile
from pointsman_server.identity.token_key import digests_under
from pointsman_server.identity.tokens import Digests, mint
from pointsman_server.ids import new_id
from pointsman_server.issuers import peers_of
from pointsman_server.ledger.generations import Generation
from pointsman_server.services.tenant_parts import TenantParts
from pointsman_server.services.tenant_service import TenantService
from pointsman_server.storage.storage import Storage


@dataclass(frozen=True, slots=True)
class Callers:
    """Who is asking, and the service that manages who may ask."""

    authenticator: Authenticator
    service: TenantService


async def known_to(base: Foundation, jwt: JwtVerifier) -> Callers:
    """Whom a server knows; where it knows nobody yet, the first administrator is made.

    Raises:
        ConfigurationError: the tokens that there are were made under another key, or the administrator's file is not
            ours.
    """
    settings, storage, watch = base.settings, base.storage, base.watch
    digests = await digests_under(storage.secrets, settings.token_key)
    await _first_run(storage, settings, digests).ensure()
    authenticator = Authenticator(
        storage.credentials, digests, base.clock, jwt=jwt, peers=peers_of(settings), hears=lambda: watch.hears
    )
    watch.on_change(Generation.REVOCATION, authenticator.forget)
    return Callers(authenticator, _tenant_service(storage, base.providers.catalog, digests))


async def renew_admin_token(storage: Storage, settings: Settings) -> None:
    """Makes another key for the first administrator, in the place of one that was lost.

    Raises:
        ConfigurationError: there are tokens of another key, or the directory is open to everybody.
    """
    digests = await digests_under(storage.secrets, settings.token_key)
    await _first_run(storage, settings, digests).renew()


def _first_run(storage: Storage, settings: Settings, digests: Digests) -> FirstRun:
    # The one place where a key is shown: on the terminal, never in the log.
    return FirstRun(storage.administrator, digests, TokenFile(settings.data_dir), new_id, sys.stderr.write)


def _tenant_service(storage: Storage, catalog: Catalog, digests: Digests) -> TenantService:
    return TenantService(
        TenantParts(
            tenants=storage.tenants,
            users=storage.users,
            projects=storage.projects,
            plans=storage.offer.plans,
            features=storage.offer.features,
            tasks=storage.offer.tasks,
            api_keys=storage.api_keys,
            access_tokens=storage.access_tokens,
            sign_ups=SignUps(storage.sign_ups, mint=mint, digests=digests, new_id=new_id),
            issuer=TokenIssuer(digests, mint, new_id),
            catalog=catalog,
            new_id=new_id,
        )
    )
