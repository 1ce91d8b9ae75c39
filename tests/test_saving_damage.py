"""Files that are damaged, foreign or made to do harm: an error of ours, and nothing else."""

import io
import json
import os
import pickle
import random
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

import autograd_lite as ag

STATE = {
    "w": np.arange(3, dtype=np.float32),
    "state": {0: {"step": 3}},
    "seed": 2**100,
    "t": (0.1, None, "x"),
    "mask": np.array([True, False]),
}
HEADER = {"format": "autograd_lite", "version": 1}


class Bomb:
    """What tells that it was unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, ("unpickled",)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_damage_at_any_byte_is_seen(tmp_path: Path, suffix: str) -> None:
    """Each byte changed, and each length: an error, or where it means nothing the same state."""
    path = tmp_path / f"small{suffix}"
    ag.save(path, STATE)
    content, expected = path.read_bytes(), pickle.dumps(ag.load(path))
    drawn = random.Random(0)  # noqa: S311  # of a test
    refused = 0
    for i in range(len(content)):
        other = content[i] ^ drawn.randrange(1, 256)
        flipped = content[:i] + bytes([content[i] ^ 1 << i % 8]) + content[i + 1 :]
        changed = content[:i] + bytes([other]) + content[i + 1 :]
        for damaged in (content[:i], flipped, changed):
            path.write_bytes(damaged)
            try:
                state = ag.load(path)
            except ag.LoadError:
                refused += 1
            else:
                assert len(damaged) == len(content)
                assert pickle.dumps(state) == expected
    assert refused > 2.5 * len(content)


def test_more_behind_the_end_is_no_harm(tmp_path: Path) -> None:
    """Or an error: never another state."""
    path = tmp_path / "small.npz"
    ag.save(path, STATE)
    content, expected = path.read_bytes(), pickle.dumps(ag.load(path))
    for damaged in (content + b"x", content + content, b"x" + content, content + bytes(70_000)):
        path.write_bytes(damaged)
        try:
            state = ag.load(path)
        except ag.LoadError:
            continue
        assert pickle.dumps(state) == expected


def npz(state: Any, members: dict[str, bytes] | None = None, header: Any = HEADER) -> bytes:
    """An archive as `save` writes it, of a structure that it would not write."""
    text = state if isinstance(state, str) else json.dumps({**header, "state": state})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("structure.json", text)
        for name, content in (members or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def savez(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def twice() -> bytes:
    """Two members of one name, which zipfile itself would warn of: the other is renamed."""
    names = ("structure.json", "structure.JSON")
    structures = [json.dumps({**HEADER, "state": i}).encode() for i in range(2)]
    content = zipped(dict(zip(names, structures, strict=True)))
    return content.replace(b"structure.JSON", b"structure.json")


def nested_members() -> bytes:
    """Each member contains all that follow it: a bomb without compression."""
    count, size = 60, 4000
    content, directory = bytes(size), b""
    parts = []
    for i in reversed(range(count)):
        name = f"{i}.npy".encode()
        crc, total = zlib.crc32(content), len(content)
        fields = b"\x14\0\0\0\0\0\0\0!\0" + crc.to_bytes(4, "little")
        fields += total.to_bytes(4, "little") * 2 + len(name).to_bytes(2, "little") + b"\0\0"
        content = b"PK\3\4" + fields + name + content
        parts.append((name, fields, len(content)))
    structure = json.dumps({**HEADER, "state": []}).encode()
    head = zipped({"structure.json": structure})
    start = head.index(b"PK\1\2")
    local, central = head[:start], head[start : head.index(b"PK\5\6")]
    whole = local + content
    for name, fields, length in parts:
        offset = len(whole) - length
        directory += b"PK\1\2\x14\0" + fields + bytes(10) + offset.to_bytes(4, "little") + name
    central += directory
    ends = b"PK\5\6" + bytes(4) + (count + 1).to_bytes(2, "little") * 2
    ends += len(central).to_bytes(4, "little") + len(whole).to_bytes(4, "little") + b"\0\0"
    return whole + central + ends


ARRAY = npy(np.arange(3.0))
REF = {"array": ["a", "<f8", [3]]}
BAD_FILES = {
    "empty": (b"", "it is truncated, damaged, or not"),
    "text": (b"epoch,loss\n1,0.5\n", "it is truncated, damaged, or not"),
    "an array": (ARRAY, "it is truncated, damaged, or not"),
    "a pickle": (pickle.dumps(Bomb()), "it is truncated, damaged, or not"),
    "savez": (savez(a=np.ones(3)), "not written by save.*if NumPy wrote it, numpy.load reads it"),
    "PyTorch": (zipped({"m/data.pkl": pickle.dumps(Bomb())}), "by PyTorch: load it there"),
    "empty zip": (zipped({}), "not written by save"),
    "objects": (npz(REF, {"a.npy": npy(np.array([Bomb()] * 3, object))}), "is not the array"),
    "objects called so": (
        npz({"array": ["a", "|O", [3]]}, {"a.npy": npy(np.array([Bomb()] * 3, object))}),
        r"has '\|O' in place of a dtype",
    ),
    "deflated": (
        zipped({"structure.json": b"[" * 10_000_000}, zipfile.ZIP_DEFLATED),
        "members that are compressed",
    ),
    "twice": (twice(), "there twice"),
    "nested members": (nested_members(), "larger than the file"),
    "other program": (npz(1, header={"format": "x", "version": 1}), "is of another program"),
    "not an object": (npz("[1]"), "is of another program"),
    "newer": (npz(1, header={**HEADER, "version": 2}), "version 2 of the format; .* a newer one"),
    "no array": (npz(REF), "it has no member a.npy"),
    "another array": (npz(REF, {"a.npy": ARRAY, "b.npy": ARRAY}), "does not name"),
    "an array twice": (npz([REF, REF], {"a.npy": ARRAY}), "has 'a' in place of each array once"),
    "huge array": (npz({"array": ["a", "<f8", [2**40]]}, {"a.npy": ARRAY}), "is not the array"),
    "huge zero": (npz({"array": ["a", "<f8", [2**62, 0, 2**62]]}, {"a.npy": ARRAY}), "not the ar"),
    "huge dtype": (npz({"array": ["a", "<U99999999", [3]]}, {"a.npy": ARRAY}), "is not the array"),
    "long dtype": (npz({"scalar": ["<U99999999", "00"]}), "in place of the bytes of a <U9"),
    "dtype of shapes": (npz({"scalar": ["(9999,9999)f8", "00"]}), "in place of a dtype"),
    "path": (npz({"array": ["../../a", "<f8", [3]]}, {"../../b.npy": ARRAY}), "has no member"),
    "negative": (npz({"array": ["a", "<f8", [-3]]}, {"a.npy": ARRAY}), "the sizes of up to 64"),
    "many axes": (npz({"array": ["a", "<f8", [1] * 65]}, {"a.npy": ARRAY}), "the sizes of up"),
    "name": (npz({"array": [1, "<f8", [3]]}, {"a.npy": ARRAY}), "has 1 in place of each array"),
    "no triple": (npz({"array": 3}), "in place of name, dtype and shape"),
    "nan": (npz('{"format": "autograd_lite", "version": 1, "state": NaN}'), "has NaN, which is"),
    "no pairs": (npz({"dict": {"a": 1}}), "in place of pairs"),
    "no pair": (npz({"dict": [["a"]]}), "in place of a key and a value"),
    "keys twice": (npz({"dict": [["a", 1], ["a", 2]]}), "in place of each key once"),
    "no key": (npz({"dict": [[["a"], 1]]}), "in place of each key once"),
    "two names": (npz({"int": "0x1", "float": "nan"}), "in place of an object with one name"),
    "unknown name": (npz({"object": "os.system"}), "in place of a value as save"),
    "no integer": (npz({"int": "__import__('os')"}), "in place of a value as save"),
    "no float": (npz({"float": ["nan"]}), "in place of a value as save"),
    "digits": (npz('{"a": ' + "9" * 5000 + "}"), "it is truncated, damaged, or not"),
    "deep": (npz("[" * 100_000), "it is truncated, damaged, or not"),
    "deeper than saved": (npz(json.loads("[" * 70 + "]" * 70)), "in place of at most 64 levels"),
    "surrogate": (zipped({"structure.json": b"\xff"}), "it is truncated, damaged, or not"),
}


@pytest.mark.parametrize(("content", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    """It says why; no code of the file runs, and no more memory is taken than the file is worth."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bad.npz"
    path.write_bytes(content)

    def load() -> None:
        with pytest.raises(ag.LoadError, match=rf"load: cannot read .*bad.npz: (?s:.*){message}"):
            ag.load(path)

    assert peak_of(load)[0] < 500_000 + 50 * len(content)
    assert list(tmp_path.iterdir()) == [path]


def directory(count: int) -> bytes:
    """A directory of members of nothing: the most entries that a zip file can declare."""
    entries = b"".join(
        b"PK\1\2" + bytes(24) + b"\4\0" + bytes(16) + i.to_bytes(4, "little") for i in range(count)
    )
    ends = b"PK\5\6" + bytes(4) + (count % 2**16).to_bytes(2, "little") * 2
    return entries + ends + len(entries).to_bytes(4, "little") + bytes(6)


@pytest.mark.parametrize("item", ["[]", "0.5", '""', '{"tuple":[]}', '{"dict":[]}', '["a",[]]'])
def test_a_structure_takes_no_more_than_fifty_times_its_text(tmp_path: Path, item: str) -> None:
    path = tmp_path / "many.npz"
    path.write_bytes(npz(json.loads(f"[{','.join([item] * 50_000)}]")))
    peak, state = peak_of(lambda: ag.load(path))
    assert len(state) == 50_000
    assert peak < 50 * path.stat().st_size


def test_a_directory_takes_no_more_than_fifty_times_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "many.npz"
    path.write_bytes(directory(10_000))

    def load() -> None:
        with pytest.raises(ag.LoadError, match=r"not written by save\(\)"):
            ag.load(path)

    assert peak_of(load)[0] < 50 * path.stat().st_size


def peak_of(function: Callable[[], Any]) -> tuple[int, Any]:
    """The most memory that Python and NumPy held at once during a call, and what it returned."""
    tracemalloc.start()
    try:
        result = function()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


BAD_TENSORS = {
    "empty": b"",
    "text": b"epoch,loss\n1,0.5\n",
    "an archive": savez(a=np.ones(3)),
    "of others": save_tensors({"a": np.ones(3)}),
    "with metadata": save_tensors({"a": np.ones(3)}, {"format": "pt"}),
    "huge header": (2**62).to_bytes(8, "little") + b"{}",
    "huge tensor": (77).to_bytes(8, "little")
    + b'{"a":{"dtype":"F64","shape":[999999999999],"data_offsets":[0,7999999999992]}}',
    "half ours": save_tensors({"a": np.ones(3)}, {"autograd_lite": "{}", "crc32": "00000000"}),
}


@pytest.mark.parametrize("content", BAD_TENSORS.values(), ids=BAD_TENSORS)
def test_a_bad_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(ag.LoadError, match=r"load: cannot read .*bad.safetensors: it "):
        ag.load(path)


@pytest.mark.parametrize("names", [["a", "b"], []])
def test_safetensors_with_other_arrays_than_they_say_are_refused(
    tmp_path: Path, names: list[str]
) -> None:
    """Also when the checksum is right, which whoever makes a file can see to."""
    from autograd_lite.saving import tensors  # noqa: PLC0415  # what `save` calls

    path = tmp_path / "bad.safetensors"
    structure = json.dumps({**HEADER, "state": {"array": ["a", "<f8", [3]]}})
    path.write_bytes(tensors.as_bytes(structure, {name: np.ones(3) for name in names}))
    with pytest.raises(ag.LoadError, match=r"it has (no array 'a'|arrays that its structure)"):
        ag.load(path)


def test_no_memory_is_not_taken_for_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    ag.save(path, STATE)

    def full(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "empty", full)
    with pytest.raises(MemoryError):
        ag.load(path)
