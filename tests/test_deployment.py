"""The settings of docs/deployment.md, as production has them, leave Django's own deployment checks nothing to say."""

import os
import secrets
import subprocess
import sys

from tests.test_docs import ROOT


def test_check_deploy_is_clean(tmp_path):
    production = {
        "DEBUG": "false",
        "BEHIND_PROXY": "true",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "hoc.example",
        "BASE_URL": "https://hoc.example",
        "VAR_DIR": str(tmp_path),
    }
    told = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **production},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
