"""Validation faults of the study's files, each as a sentence that begins with the key path to mend.

A list is counted from 1, and a question is named by its id, because that is how a person finds it in the file.
"""

from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from typing import TypeVar

from pydantic import BaseModel
from pydantic import ValidationError

from screener.errors import UserError

Model = TypeVar("Model", bound=BaseModel)

SAYS = {
    "missing": "is missing",
    "extra_forbidden": "is not a key that is known here (there is no place for a rule)",
    "string_type": "must be text in quotation marks",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "string_pattern_mismatch": "is not written as such a value is; compare the study that comes with Screener",
}


def validate_model(model: type[Model], data: Mapping[str, Any], faults: list[str]) -> Model | None:
    """*data* as a *model*; or None, with what is wrong added to *faults*."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for fault in error.errors():
            reason = SAYS.get(fault["type"], fault["msg"][:1].lower() + fault["msg"][1:])
            faults.append(f"{key_path(fault['loc'], data)} {reason}".strip())
        return None


def require_valid(part: Model | None, path_of: Callable[[str], Path], faults: list[str]) -> Model:
    """*part*, when nothing is wrong with it. Raises *UserError* that names every fault with its file, by *path_of*."""
    if part is None or faults:
        by_file: dict[Path, list[str]] = {}
        for fault in faults:
            by_file.setdefault(path_of(fault.partition(" ")[0]), []).append(fault)
        sentences = (f"{path} cannot be used: {'; '.join(found)}." for path, found in by_file.items())
        raise UserError(f"{' '.join(sentences)} Mend the file and start again.")
    return part


def key_path(location: tuple[int | str, ...], data: Any) -> str:
    """Where *location* is in the file that *data* was read from: ``questions[dep_now].kind``."""
    path = ""
    for step in location:
        data = _inside(data, step)
        if isinstance(step, int):
            name = data.get("id") if isinstance(data, Mapping) else None
            path += f"[{name if isinstance(name, str) else step + 1}]"
        elif step != "[key]":
            path += f".{step}" if path else step
    return path


def _inside(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None
