"""The model classes that may serve."""

from pointsman_server.policy.rules.names import AllowKind

ALLOWED_CLASSES = AllowKind(
    key="allowed_classes",
    about="the model classes that may serve; a model without a class may not",
)
