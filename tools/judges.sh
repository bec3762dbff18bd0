#!/usr/bin/env bash
# Installs the programs that the tests ask for a verdict on Debian: nginx, squid, Chromium, Docker Compose 2, Neovim.
#
#   tools/judges.sh [FOLDER]      FOLDER (default /usr/local/lib/judges) gets the docker-compose program
#
# Compose comes from Debian's unstable suite, because a stable Debian may still have Compose 1. The package is unpacked, not
# installed: the program is one file, needs nothing else, and `docker-compose config` needs no engine.
set -euo pipefail

folder=${1:-/usr/local/lib/judges}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
export DEBIAN_FRONTEND=noninteractive

say() { printf '%s\n' "$*" >&2; }

install_servers() {
  if command -v nginx >/dev/null && command -v squid >/dev/null; then return; fi
  say "installing nginx and squid"
  # Exit code 101 tells the packages not to start their servers (Debian's invoke-rc.d policy layer).
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
  fi
  apt-get -qq update >&2
  apt-get -qq install -y --no-install-recommends nginx-light squid >&2
  if [ -n "$ours" ]; then rm -f "$policy"; fi
}

install_browser() {
  if command -v chromium >/dev/null; then return; fi
  say "installing chromium"
  apt-get -qq update >&2
  apt-get -qq install -y --no-install-recommends chromium >&2
}

install_editor() {
  if command -v nvim >/dev/null; then return; fi
  say "installing neovim"
  apt-get -qq update >&2
  apt-get -qq install -y --no-install-recommends neovim >&2
}

# The archive that this machine already takes its Debian packages from.
archive() {
  local all
  all=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages')
  { grep -E '/debian/?$' <<<"$all" || grep -v security <<<"$all"; } | head -n 1
}

install_compose() {
  if [ -x "$folder/docker-compose" ]; then return; fi
  say "unpacking docker-compose into $folder"
  local work signed=
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of now is meant
  trap "rm -rf '$work'" EXIT
  if [ -e "$keyring" ]; then signed="[signed-by=$keyring] "; fi
  printf 'deb %s%s sid main\n' "$signed" "$(archive)" >"$work/sources.list"
  mkdir -p "$work/state/partial" "$work/cache/archives/partial"
  local apt=(
    apt-get -qq
    -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=-
    -o "Dir::State::Lists=$work/state" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root
  )
  "${apt[@]}" update >&2
  (cd "$work" && "${apt[@]}" download docker-compose >&2)
  dpkg-deb --extract "$work"/docker-compose_*.deb "$work/package"
  local program
  program=$(find "$work/package" -type f -name docker-compose -size +1000k | head -n 1)
  install -D -m 755 "$program" "$folder/docker-compose"
}

install_servers
install_browser
install_editor
install_compose
say "$(nginx -v 2>&1)"
say "$(squid -v | head -n 1)"
say "$(chromium --version)"
say "$("$folder/docker-compose" version)"
say "$(nvim --version | head -n 1)"
