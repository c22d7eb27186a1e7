"""What is said of what is not there, and alike of what is not the caller's to see."""

from __future__ import annotations

from pointsman_server.errors import NotFound


def no_tenant(tenant_id: str) -> NotFound:
    """There is no such tenant."""
    return NotFound(
        f"There is no tenant {tenant_id}; ListTenants lists what there is.", metadata={"resource": "tenant"}
    )


def no_user(user_id: str) -> NotFound:
    """There is no such user."""
    return NotFound(f"There is no user {user_id}; ListUsers lists what there is.", metadata={"resource": "user"})


def no_project(project_id: str) -> NotFound:
    """There is no such project."""
    return NotFound(
        f"There is no project {project_id}; ListProjects lists what there is.", metadata={"resource": "project"}
    )
