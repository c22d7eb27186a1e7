"""How many images a call may bring."""

from pointsman_server.policy.rules.amounts import AmountKind

MAX_IMAGES = AmountKind(
    key="max_images",
    about="the images that a call brings",
    unit="images",
    measure=lambda facts: facts.image_count,
    cure="send fewer",
)
