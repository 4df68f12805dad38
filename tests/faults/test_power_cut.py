"""What the broker acknowledged is on the disk, not in a cache: the disk is copied at moments nobody chose."""

import os
import shutil

import pytest

from deploy.chaos.disk_image import TOOLS
from deploy.chaos.long_power_cuts import nats_loses_power
from tests.faults.test_long_stories import told

CUTS = 3


@pytest.mark.promise(20)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="no tools to make a disk")
async def test_a_power_cut_loses_nothing_that_was_acknowledged() -> None:
    tale = await told(nats_loses_power, cuts=CUTS)
    assert (tale.wrong, tale.not_run) == ([], "")
    assert tale.writes > 100
