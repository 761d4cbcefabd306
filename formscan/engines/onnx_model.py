"""Weights run by onnxruntime on one thread, read at the first use."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formscan.errors import EngineError

DIGITS: Final = 6
"""Decimals of a probability a network gives: what lies below differs from processor to processor."""


class OnnxModel:
    """One model file with one input and one output.

    Args:
        path: The ONNX file.
        name: What it is called in digests and errors.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._session: Any = None
        self._digest = ""

    @property
    def digest(self) -> str:
        """Name, ``@`` and the first 12 hexadecimal digits of the weights' SHA-256."""
        self._load()
        return self._digest

    def run(self, inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The model's output for a batch.

        Raises:
            EngineError: ``engine.model`` if the weights are missing or broken.
        """
        session = self._load()
        (found,) = session.run(None, {session.get_inputs()[0].name: inputs})
        return np.asarray(found, dtype=np.float32)

    def _load(self) -> Any:
        if self._session is None:
            import onnxruntime  # type: ignore[import-untyped]  # ships no types

            refused = onnxruntime.capi.onnxruntime_pybind11_state
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            options.enable_cpu_mem_arena = False  # batches change their shape; the arena only grew
            try:
                weights = self._path.read_bytes()
                self._session = onnxruntime.InferenceSession(
                    weights, sess_options=options, providers=["CPUExecutionProvider"]
                )
            except (OSError, refused.InvalidProtobuf, refused.InvalidGraph, refused.Fail) as error:
                raise EngineError("engine.model", model=self._name, cause=type(error).__name__) from error
            self._digest = f"{self._name}@{hashlib.sha256(weights).hexdigest()[:12]}"
        return self._session
