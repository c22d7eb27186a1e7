"""docs/errors.md is what error_reason.proto says, and the proto says what errors.py does."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from pointsman_server.errors import PointsmanError

ROOT = Path(__file__).parents[3]
TOOL = ROOT / "tools" / "write_errors_doc.py"
PROTO = ROOT / "protos" / "pointsman" / "v1" / "error_reason.proto"
TOOL_NAMES = runpy.run_path(str(TOOL))


def test_every_reason_is_documented_with_the_status_of_its_class() -> None:
    documented = {reason.name: reason.status for reason in TOOL_NAMES["reasons"](PROTO.read_text())}
    assert documented == {cls.reason: cls.status.name for cls in PointsmanError.__subclasses__()}


def test_a_comment_without_a_cure_is_refused() -> None:
    with pytest.raises(ValueError, match="ERROR_REASON_A"):
        list(TOOL_NAMES["reasons"]("  // INTERNAL. Something.\n  ERROR_REASON_A = 1;"))


def test_the_page_is_current_and_a_stale_one_is_told(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, TOOL, "--check"], check=False).returncode == 0
    copy = tmp_path / "tools" / TOOL.name
    proto = tmp_path / PROTO.relative_to(ROOT)
    for path, text in ((copy, TOOL.read_text()), (proto, PROTO.read_text())):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "docs").mkdir()
    stale = subprocess.run([sys.executable, copy, "--check"], check=False, capture_output=True, text=True)
    assert (stale.returncode, stale.stdout) == (1, "errors.md is not current: run make generate\n")
    subprocess.run([sys.executable, copy], check=True)
    assert (tmp_path / "docs" / "errors.md").read_text() == (ROOT / "docs" / "errors.md").read_text()
