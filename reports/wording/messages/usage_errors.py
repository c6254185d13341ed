"""What Typer says of a command that is typed wrongly, and the frame of its help."""

from typing import Final

MESSAGES: Final = {
    "Missing argument {name}.": "인수가 빠졌습니다: {name}",
    "Missing option {name}.": "옵션이 빠졌습니다: {name}",
    "No such command {name}.": "그런 명령은 없습니다: {name}",
    "No such command {name}. Did you mean {others}?": (
        "그런 명령은 없습니다: {name}. {others} 을(를) 쓰려 하셨습니까?"
    ),
    "No such option: {name}": "그런 옵션은 없습니다: {name}",
    "No such option: {name} (Possible options: {others})": (
        "그런 옵션은 없습니다: {name} (비슷한 옵션: {others})"
    ),
    "Option {name} requires an argument.": "옵션 {name} 에 값이 필요합니다",
    "Option {name} does not take a value.": "옵션 {name} 에는 값을 줄 수 없습니다",
    "Got unexpected extra argument(s) ({names})": "남는 인수가 있습니다: {names}",
    "Invalid value: {reason}": "값이 잘못되었습니다: {reason}",
    "Invalid value for {name}: {reason}": "{name} 의 값이 잘못되었습니다: {reason}",
    "Input should be a valid integer, unable to parse string as an integer": "정수가 아닙니다",
    "Input should be greater than or equal to {least}": "{least} 이상이어야 합니다",
    "Input should be less than or equal to {most}": "{most} 이하여야 합니다",
    "{label} {path} is a file.": "{label} {path}: 파일입니다",
    "{label} {path} is a directory.": "{label} {path}: 디렉터리입니다",
    "{label} {path} is not readable.": "{label} {path}: 읽을 수 없습니다",
    "Value error, {reason}": "{reason}",
    "{value} is not one of {choices}.": "{value}: 다음 가운데 없습니다: {choices}",
    "Value {value} is not a valid {kind}.": "{value}: {kind} 값이 아닙니다",
    "{label} {path} does not exist.": "{label} {path}: 없습니다",
}
