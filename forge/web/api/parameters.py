"""Parameters of queries: each has a type, by which its values are read and checked and of which its schema in
`/openapi.json` is made. Those that several routes share are here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from annotated_types import Ge, Le

from catalog import validation
from catalog.validation import STRICT, ConvertedBy, InvalidData, InvalidValue, OneOf
from catalog.vocabulary import nearest
from forge.web.api import types
from forge.web.api.sentences import TRUE_OR_FALSE, WHOLE_NUMBER, sentences
from forge.web.core.problems import ApiError

LIMIT, MAX_LIMIT = 20, 100
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a query. `value_type`: what its values are; those of a list are repeated (`domain=a&domain=b`).
    `default`: what counts without it. `refused`: the sentence for what does not fit.
    """

    name: str
    description: str
    value_type: Any
    example: Any = None
    default: Any = None
    refused: str = ""

    @property
    def repeated(self) -> bool:
        plain = get_args(self.value_type)[0] if get_origin(self.value_type) is Annotated else self.value_type
        return get_origin(plain) is list

    @property
    def schema(self) -> Mapping[str, Any]:
        return types.schema(self.value_type)

    def read(self, text: str | list[str]) -> Any:
        """The value of what was given. Raises ApiError 400."""
        try:
            return validation.read(self.value_type, text)
        except InvalidData as unfit:
            wrong = sentences(unfit).items()
        raise ApiError(400, {f"{self.name}.{path}".rstrip("."): self.refused or sentence for path, sentence in wrong})


def read_parameters(parameters: tuple[Parameter, ...], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Read the parameters of a query by name. Raises ApiError 400 with all that is wrong."""
    parameters_by_name = {parameter.name: parameter for parameter in parameters}
    typed: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, text in pairs:
        if name not in parameters_by_name:
            near = nearest(name, tuple(parameters_by_name))
            wrong[name[:80]] = "There is no such parameter" + (f"; {near} is one" if near else "")
        elif parameters_by_name[name].repeated:
            typed.setdefault(name, []).append(text)
        elif name in typed:
            wrong[name] = "This may be given once"
        else:
            typed[name] = text
    values = {
        name: parameter.default for name, parameter in parameters_by_name.items() if parameter.default is not None
    }
    for name, value in typed.items():
        try:
            values[name] = parameters_by_name[name].read(value)
        except ApiError as error:
            wrong |= {path: sentence for path, sentence in error.problems.items() if path not in wrong}
    if wrong:
        raise ApiError(400, wrong)
    return values


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidValue(WHOLE_NUMBER)
    return int(text)


def _flag(text: str) -> bool:
    if text not in _BOOLEANS:
        raise InvalidValue(TRUE_OR_FALSE)
    return _BOOLEANS[text]


def whole_number(least: int, most: int) -> Any:
    return Annotated[int, Ge(least), Le(most), ConvertedBy(_whole_number)]


def one_of(*words: str) -> Any:
    return Annotated[str, OneOf(words)]


FLAG: Any = Annotated[bool, STRICT, ConvertedBy(_flag)]
LIMIT_PARAMETER = Parameter(
    "limit", f"How many at most, {LIMIT} without it.", whole_number(1, MAX_LIMIT), 5, default=LIMIT
)
LINES_PARAMETER = Parameter("limit", "How many lines at most, 50 without it.", whole_number(1, 200), default=50)
