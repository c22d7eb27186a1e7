"""Why a JWT is refused: for the log and for tests. Callers hear only that it is not valid here."""

from enum import StrEnum


class Why(StrEnum):
    """What is wrong with a JWT, or with what it says."""

    TOO_LARGE = "too_large"
    NOT_THREE_SEGMENTS = "not_three_segments"
    ENCRYPTED = "encrypted"
    NOT_BASE64URL = "not_base64url"
    NOT_JSON = "not_json"
    DUPLICATE_MEMBER = "duplicate_member"
    NOT_AN_OBJECT = "not_an_object"
    CRITICAL_EXTENSION = "critical_extension"
    BRINGS_ITS_OWN_KEY = "brings_its_own_key"
    NESTED = "nested"
    TYPE = "type"
    ALGORITHM = "algorithm"
    KEY_ID = "key_id"
    UNKNOWN_ISSUER = "unknown_issuer"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    NO_EXPIRY = "no_expiry"
    TIME = "time"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    LIVES_TOO_LONG = "lives_too_long"
    TENANT = "tenant"
    USER = "user"
    ACCESS_TOKEN = "access_token"  # noqa: S105  # a reason's name
    ROLES = "roles"


class JwtRefused(Exception):
    """A JWT does not hold."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
