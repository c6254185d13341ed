"""What the operating system says of files and sockets, which errors hand on."""

from typing import Final

MESSAGES: Final = {
    "[Errno {number}] {reason}": "{reason}(Errno {number})",
    "[Errno {number}] {reason}: {path}": "{path}: {reason}(Errno {number})",
    "Address already in use": "이미 쓰이고 있습니다",
    "Connection refused": "연결이 거절되었습니다",
    "Disk quota exceeded": "디스크 한도를 넘었습니다",
    "File exists": "이미 있습니다",
    "File name too long": "파일 이름이 너무 깁니다",
    "Input/output error": "입출력 오류입니다",
    "Is a directory": "디렉터리입니다",
    "No space left on device": "장치에 남은 공간이 없습니다",
    "No such file or directory": "그런 파일이나 디렉터리가 없습니다",
    "Not a directory": "디렉터리가 아닙니다",
    "Permission denied": "권한이 없습니다",
    "Read-only file system": "읽기 전용 파일 시스템입니다",
    "Too many open files": "열린 파일이 너무 많습니다",
}
