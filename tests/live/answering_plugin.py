"""A CNI plugin that answers by the rules: host-local, or one that "makes" an interface in a file.

Run as `python answering_plugin.py NAME [FAULT]`, otherwise as any plugin. The namespace of a
sandbox is a file, which holds the addresses of its interface. FAULT is what goes wrong.
"""

import json
import os
import sys
from pathlib import Path

from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.host_local_runs import begin_run, finish_run
from planespec.spec.network.ipam_config import read_ipam_config
from planespec.spec.network.plugin_call import read_call


def main(name, fault):
    try:
        call = read_call(os.environ, sys.stdin.read())
        answer = bridge(call, fault) if name == "bridge" else host_local(call, fault)
    except PluginError as error:
        print(json.dumps(error.to_json()))
        return 1
    print(json.dumps(answer) if answer else "")
    return 0


def host_local(call, fault):
    config = read_ipam_config(call.config, call.arguments)
    folder = Path(config.data_dir) / config.network
    folder.mkdir(parents=True, exist_ok=True)
    files = {each.name: each.read_bytes().decode() for each in folder.iterdir()}
    if fault == "gives twice" and call.command == "ADD":
        files = {}
    before = {str(folder): files}
    ended, after = finish_run(begin_run(call, before, lambda path: {}), before)
    left = after[str(folder)]
    for name in files.keys() - left.keys() if fault != "keeps" else ():
        (folder / name).unlink()
    for name, held in left.items():
        (folder / name).write_bytes(held.encode())
    if ended.exit:
        code, message = ended.stdout["code"], ended.stdout["msg"]
        raise PluginError("no address" if fault == "other words" else message, code)
    return ended.stdout


def bridge(call, fault):
    space = Path(call.netns)
    shown = space.read_text().split() if space.is_file() else []
    if call.command == "ADD":
        if shown and fault == "adds again":
            return {"ips": [{"address": shown[0]}]}
        if shown:
            raise PluginError("container veth name provided (eth0) already exists")
        result = host_local(call, fault)
        space.write_text(" ".join(each["address"].partition("/")[0] for each in result["ips"]))
        return result
    if call.command == "CHECK":
        host_local(call, fault)
        if not call.config.has("prevResult") and fault != "checks nothing":
            raise PluginError("Required prevResult missing")
        return {}
    host_local(call, fault)
    if space.is_file() and fault != "leaves the interface":
        space.write_text("")
    elif not space.is_file() and fault == "needs the namespace":
        raise PluginError(f"failed to open netns {space}")
    return {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
