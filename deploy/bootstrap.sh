#!/usr/bin/env bash
# Finds or installs what the project stands on: uv, a Python 3.10, the locked dependencies (`sync`), and the system
# programs the tests drive for real (`test-packages`: PostgreSQL, Redis, Kannel, Chromium and fonts, espeak-ng, baresip).
set -euo pipefail
cd "$(dirname "$0")/.."

tools=var/tools

say() { printf '\033[2m%s\033[0m\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else say "需要 root 权限安装系统软件包：$*"; exit 1
    fi
}

apt_install() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "安装系统软件包：${missing[*]}"
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# a Python of any version that can make environments, to install uv with
any_python() {
    for candidate in /usr/bin/python3 python3; do
        if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then echo "$candidate"; return; fi
    done
    apt_install python3 python3-venv
    echo /usr/bin/python3
}

uv_program() {
    for candidate in uv "$HOME/.local/bin/uv" "$tools/bin/uv"; do
        if "$candidate" --version >/dev/null 2>&1; then command -v "$candidate" || echo "$candidate"; return; fi
    done
    say "安装 uv"
    "$(any_python)" -m venv "$tools" && "$tools/bin/pip" install --quiet uv && echo "$PWD/$tools/bin/uv"
}

# Rasa 3.6 runs on 3.10 only; a Python of pyenv counts, even where its shims point elsewhere
python_310() {
    local candidates=(/usr/bin/python3.10 /usr/local/bin/python3.10)
    shopt -s nullglob
    candidates+=("${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python3.10 /opt/python/3.10*/bin/python3.10)
    shopt -u nullglob
    for candidate in "${candidates[@]}"; do
        if [ -x "$candidate" ] && "$candidate" -c 'import ssl, sqlite3' 2>/dev/null; then echo "$candidate"; return; fi
    done
    echo 3.10  # for uv to find one itself or to download it
}

no_python() {
    say "没有找到 Python 3.10，也下载不到（uv 从 GitHub 下载）。三种办法任选一种，再运行一次："
    say "  一、让这台机器能访问 GitHub，或用镜像：export UV_PYTHON_INSTALL_MIRROR=https://镜像地址"
    say "  二、用 pyenv 编译：pyenv install 3.10"
    say "  三、从别的机器把 uv python install 3.10 得到的文件夹复制到 /opt/python/3.10"
    exit 1
}

sync() {
    local uv python
    uv=$(uv_program)
    python=$(python_310)
    if [ "$python" = 3.10 ] && ! "$uv" python find --quiet 3.10 >/dev/null 2>&1; then
        say "下载 Python 3.10"
        "$uv" python install --quiet 3.10 || no_python
    fi
    say "同步依赖"
    UV_LINK_MODE=${UV_LINK_MODE:-copy} "$uv" sync --locked --quiet --compile-bytecode --python "$python"
}

test_packages() {
    apt_install postgresql redis-server kannel kannel-extras chromium fonts-noto-cjk \
        espeak-ng baresip-core
}

# Debian 12 has no Asterisk. One of sid is unpacked into a folder of its own, with the libraries it wants, by an apt that
# knows nothing of this machine's packages: no root, nothing installed, some 20 s and 270 MB.
test_asterisk() {
    local folder=$PWD/var/asterisk
    [ -e "$folder/done" ] && return
    say "取得测试用的 Asterisk"
    local mirror
    mirror=$(awk '/^URIs:/{print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
    mkdir -p "$folder"/apt/{lists/partial,cache/archives/partial,etc} "$folder/root"
    : > "$folder/apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} sid main" \
        > "$folder/apt/etc/sources.list"
    local options=(
        -o "Dir::State=$folder/apt" -o "Dir::State::Lists=$folder/apt/lists" -o "Dir::State::status=$folder/apt/status"
        -o "Dir::Cache=$folder/apt/cache" -o "Dir::Etc::SourceList=$folder/apt/etc/sources.list"
        -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
        -o Debug::NoLocking=1 -o APT::Sandbox::User= -o APT::Install-Recommends=0
    )
    apt-get "${options[@]}" update -qq
    apt-get "${options[@]}" install -y -qq --download-only asterisk-modules asterisk \
        asterisk-config- asterisk-core-sounds-en- 2>/dev/null \
        || apt-get "${options[@]}" install -y -qq --download-only asterisk
    for package in "$folder"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
    rm -rf "$folder/apt/cache" "$folder/apt/lists"
    touch "$folder/done"
}

case "${1:-}" in
    sync) sync ;;
    test-packages) test_packages && test_asterisk ;;
    test-asterisk) test_asterisk ;;
    *) say "用法：$0 sync | test-packages | test-asterisk"; exit 2 ;;
esac
