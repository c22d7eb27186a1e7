"""The table of the administrators' commands: each group, what it is for, and what it can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pointsman.cli.administration.access_tokens import (
    access_token_create,
    access_token_list,
    access_token_revoke,
    access_token_set,
)
from pointsman.cli.administration.audit import audit_erase, audit_export, audit_list, audit_verify
from pointsman.cli.administration.explain import policy_explain
from pointsman.cli.administration.features import (
    feature_create,
    feature_delete,
    feature_list,
    feature_set,
    task_create,
    task_delete,
    task_list,
    task_set,
)
from pointsman.cli.administration.keys import key_create, key_list, key_revoke, key_rotate
from pointsman.cli.administration.kill import kill_list, kill_pull, kill_release
from pointsman.cli.administration.plans import plan_apply, plan_delete, plan_list, plan_show
from pointsman.cli.administration.projects import (
    project_add_member,
    project_create,
    project_delete,
    project_list,
    project_remove_member,
    project_set,
    project_show,
)
from pointsman.cli.administration.rules import policy_add, policy_delete, policy_list, policy_set
from pointsman.cli.administration.tenants import tenant_create, tenant_list, tenant_set, tenant_show, tenant_sign_up
from pointsman.cli.administration.users import user_create, user_delete, user_list, user_set, user_show

Command = Callable[..., None]

GROUPS: Final[Mapping[str, tuple[str, Mapping[str, Command]]]] = {
    "tenant": (
        "The customers of a platform.",
        {
            "list": tenant_list,
            "create": tenant_create,
            "show": tenant_show,
            "set": tenant_set,
            "sign-up": tenant_sign_up,
        },
    ),
    "user": (
        "The people and services of a tenant.",
        {"list": user_list, "create": user_create, "show": user_show, "set": user_set, "delete": user_delete},
    ),
    "project": (
        "What users charge together.",
        {
            "list": project_list,
            "create": project_create,
            "show": project_show,
            "set": project_set,
            "delete": project_delete,
            "add-member": project_add_member,
            "remove-member": project_remove_member,
        },
    ),
    "key": (
        "The keys of users and agents.",
        {"list": key_list, "create": key_create, "rotate": key_rotate, "revoke": key_revoke},
    ),
    "access-token": (
        "What tenants sign up with, and have their plan from.",
        {
            "list": access_token_list,
            "create": access_token_create,
            "set": access_token_set,
            "revoke": access_token_revoke,
        },
    ),
    "plan": (
        "What tenants buy.",
        {"list": plan_list, "show": plan_show, "apply": plan_apply, "delete": plan_delete},
    ),
    "feature": (
        "What is sold: groups of tasks.",
        {"list": feature_list, "create": feature_create, "set": feature_set, "delete": feature_delete},
    ),
    "task": (
        "Kinds of calls that plans allow and rules limit.",
        {"list": task_list, "create": task_create, "set": task_set, "delete": task_delete},
    ),
    "policy": (
        "The rules that limit calls.",
        {
            "list": policy_list,
            "add": policy_add,
            "set": policy_set,
            "delete": policy_delete,
            "explain": policy_explain,
        },
    ),
    "kill": (
        "Stop calls at once, and let them in again.",
        {"list": kill_list, "pull": kill_pull, "release": kill_release},
    ),
    "audit": (
        "Who changed what.",
        {"list": audit_list, "export": audit_export, "verify": audit_verify, "erase": audit_erase},
    ),
}
