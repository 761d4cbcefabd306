"""Machines of a cluster on one machine: each has a network of its own, and its cable can be pulled."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace

import pytest

from formscan.bench.cluster import Found, Machine, missing, switch

LISTEN = """
import socket, sys
with socket.create_server((sys.argv[1], 7777)) as door:
    print("up", flush=True)
    while True:
        door.accept()[0].close()
"""


def _answers(machine: Machine) -> bool:
    try:
        socket.create_connection((machine.address, 7777), timeout=1.0).close()
    except OSError:
        return False
    return True


def test_that_a_machine_is_reached_while_its_cable_is_in() -> None:
    if why := missing():
        pytest.skip(why)
    with switch(1) as (machine,):
        command = [*machine.within, sys.executable, "-c", LISTEN, machine.address]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
            try:
                assert server.stdout is not None
                assert server.stdout.readline() == b"up\n"
                assert _answers(machine)
                machine.plug(into=False)
                assert not _answers(machine)
                machine.plug(into=True)
                assert any(_answers(machine) for _ in range(5))
            finally:
                server.kill()


def test_that_a_run_nobody_disturbed_shows_nothing() -> None:
    calm = Found(pages=9, drafts=2, equal=2, balances=True, ended=True)
    assert not calm.clean
    assert replace(calm, cut_s=12.0, killed=1).clean
    assert not replace(calm, cut_s=12.0, killed=1, other=1).clean
