"""Log groups on the wire: the protobuf messages and the compressions of their bytes."""

from __future__ import annotations

import importlib
import importlib.util
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import lz4.block  # type: ignore[import-untyped]
from google.protobuf import (  # type: ignore[import-untyped]
    descriptor_pb2,
    descriptor_pool,
    message,
    message_factory,
)

from sandbox.sls import errors
from sandbox.sls.errors import SlsError

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCHEMA: dict[str, tuple[tuple[str, int, int, int, str], ...]] = {
    "Content": (
        ("Key", 1, _FIELD.LABEL_REQUIRED, _FIELD.TYPE_STRING, ""),
        ("Value", 2, _FIELD.LABEL_REQUIRED, _FIELD.TYPE_BYTES, ""),
    ),
    "Log": (
        ("Time", 1, _FIELD.LABEL_REQUIRED, _FIELD.TYPE_UINT32, ""),
        ("Contents", 2, _FIELD.LABEL_REPEATED, _FIELD.TYPE_MESSAGE, "Content"),
        ("Time_ns", 4, _FIELD.LABEL_OPTIONAL, _FIELD.TYPE_FIXED32, ""),
    ),
    "LogTag": (
        ("Key", 1, _FIELD.LABEL_REQUIRED, _FIELD.TYPE_STRING, ""),
        ("Value", 2, _FIELD.LABEL_REQUIRED, _FIELD.TYPE_STRING, ""),
    ),
    "LogGroup": (
        ("Logs", 1, _FIELD.LABEL_REPEATED, _FIELD.TYPE_MESSAGE, "Log"),
        ("Reserved", 2, _FIELD.LABEL_OPTIONAL, _FIELD.TYPE_STRING, ""),
        ("Topic", 3, _FIELD.LABEL_OPTIONAL, _FIELD.TYPE_STRING, ""),
        ("Source", 4, _FIELD.LABEL_OPTIONAL, _FIELD.TYPE_STRING, ""),
        ("MachineUUID", 5, _FIELD.LABEL_OPTIONAL, _FIELD.TYPE_STRING, ""),
        ("LogTags", 6, _FIELD.LABEL_REPEATED, _FIELD.TYPE_MESSAGE, "LogTag"),
    ),
}


def _log_group_class() -> Any:
    # A pool of its own: the official client registers messages of the same names.
    file = descriptor_pb2.FileDescriptorProto(name="sls.proto", package="sls", syntax="proto2")
    for name, fields in _SCHEMA.items():
        described = file.message_type.add(name=name)
        for field, number, label, kind, of in fields:
            added = described.field.add(name=field, number=number, label=label, type=kind)
            if of:
                added.type_name = f".sls.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("sls.LogGroup"))


_LogGroup = _log_group_class()


def decode(raw: bytes) -> Any:
    """A LogGroup message out of its bytes; raises PostBodyInvalid."""
    try:
        return _LogGroup.FromString(raw)
    except (message.DecodeError, UnicodeDecodeError) as error:
        raise errors.post_body(f"reading the body as a LogGroup: {error}") from error


def text(value: str | bytes) -> str:
    """A string of a message; one that is not valid UTF-8 comes out of the library as bytes."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def encode(
    topic: str,
    source: str,
    tags: Mapping[str, str],
    logs: Sequence[tuple[int, Mapping[str, str]]],
) -> bytes:
    """The bytes of a LogGroup; only in values text that is not valid UTF-8 keeps its bytes."""
    group = _LogGroup(Topic=_sound(topic), Source=_sound(source))
    for time, fields in logs:
        contents = group.Logs.add(Time=time).Contents
        for key, value in fields.items():
            contents.add(Key=_sound(key), Value=_bytes(value))
    return bytes(group.SerializeToString()) + encode_tags(tags)


def encode_tags(tags: Mapping[str, str]) -> bytes:
    """Tags alone: appended to the bytes of a group they become part of it."""
    group = _LogGroup()
    for key, value in tags.items():
        group.LogTags.add(Key=_sound(key), Value=_sound(value))
    return bytes(group.SerializeToString())


def _sound(value: str) -> str:
    """Text as a message takes it: a file's name, for one, need not be valid UTF-8."""
    return value if value.isascii() else _bytes(value).decode("utf-8", "replace")


def _bytes(value: str) -> bytes:
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a surrogate pair, out of JSON
        return value.encode("utf-8", "replace")


def frame(raw: bytes) -> bytes:
    """One group as an element of a LogGroupList."""
    length, head = len(raw), bytearray(b"\x0a")
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + raw


def squeeze(raw: bytes) -> bytes:
    """The bytes made small for keeping; `unsqueeze` gives them back."""
    return bytes(lz4.block.compress(raw))


def unsqueeze(packed: bytes) -> bytes:
    """What was given to `squeeze`."""
    return bytes(lz4.block.decompress(packed))


def decompress(body: bytes, kind: str, raw_size: int) -> bytes:
    """The body of PutLogs as it was before compression; `kind` is x-log-compresstype."""
    if kind not in ("", "lz4", "deflate", "zstd"):
        raise SlsError(400, "InvalidCompressType", f"compress type {kind!r} is not known")
    raw = body if kind == "" else _decompressed(body, kind, raw_size)
    if len(raw) != raw_size:
        what = f"the body has {len(raw)} bytes, x-log-bodyrawsize says {raw_size}"
        raise SlsError(400, "InvalidBodyRawSize", what)
    return raw


def _decompressed(body: bytes, kind: str, raw_size: int) -> bytes:
    zstd = _zstd() if kind == "zstd" else None
    wrong = (lz4.block.LZ4BlockError, zlib.error, ValueError, *((zstd.Error,) if zstd else ()))
    try:
        if zstd:
            _bound(_zstd_size(body), raw_size)
            return bytes(zstd.decompress(body))
        if kind == "lz4":
            return bytes(lz4.block.decompress(body, uncompressed_size=raw_size))
        return _inflated(body, raw_size)
    except wrong as error:
        text = f"decompressing the body as {kind}: {error}"
        raise SlsError(400, "PostBodyUncompressError", text) from error


def _inflated(body: bytes, raw_size: int) -> bytes:
    stream = zlib.decompressobj()
    raw = stream.decompress(body, raw_size + 1)
    _bound(len(raw), raw_size)
    if not stream.eof:
        raise ValueError("it ends too early")
    return raw


def _zstd_size(body: bytes) -> int:
    """How long the head of a zstd frame says that it becomes; 0 where it does not say."""
    if len(body) < 5:
        return 0
    flags = body[4]
    single = flags >> 5 & 1
    width = (single, 2, 4, 8)[flags >> 6]
    start = 5 + (1 - single) + (0, 1, 2, 4)[flags & 3]
    return int.from_bytes(body[start : start + width], "little") + 256 * (width == 2)


def _bound(size: int, raw_size: int) -> None:
    """Refuse a small body that becomes a huge one, before it does."""
    if size > raw_size:
        what = f"the body becomes more than the {raw_size} bytes that x-log-bodyrawsize says"
        raise SlsError(400, "InvalidBodyRawSize", what)


def compress(raw: bytes, accepted: str) -> tuple[bytes, str]:
    """The body in the first compression that `accepted` (Accept-Encoding) names, and its name."""
    kinds = [kind.partition(";")[0].strip() for kind in accepted.split(",")]
    if "lz4" in kinds:
        return bytes(lz4.block.compress(raw, store_size=False)), "lz4"
    if "zstd" in kinds:
        return bytes(_zstd().compress(raw)), "zstd"
    return raw, ""


def _zstd() -> Any:
    if importlib.util.find_spec("zstd") is None:
        text = "this machine has no zstd library: install zstd or use lz4"
        raise SlsError(400, "InvalidCompressType", text)
    return importlib.import_module("zstd")
