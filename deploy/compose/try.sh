#!/bin/sh
# Runs docker-compose.yml where there is podman and no registry of images: builds what it names from Debian's packages
# and the locked wheels, starts it, lets a browser go through the story of a need, kills a NATS node meanwhile, and
# takes all of it away again. KEEP=1 leaves it running. Needs root, podman, mmdebstrap and Docker Compose 2.
set -eu
cd "$(dirname "$0")/../.."

PORT=${PORT:-8080}
MAIL_PORT=${MAIL_PORT:-8025}
SUITE=${SUITE:-trixie}
# The host's certificates, for hosts that reach package registries through a proxy of their own.
BUILD_OPTIONS=${BUILD_OPTIONS:---network host --volume /etc/ssl/certs:/etc/ssl/certs:ro}
PYTHON=localhost/boucle-try/python:$SUITE
TOOLS=localhost/boucle-try/tools:$SUITE

say() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - began))"; }
fail() { printf '%s\n' "$1" >&2; exit 1; }
began=$(date +%s)

if [ -z "${COMPOSE:-}" ]; then
  for candidate in "docker compose" docker-compose; do
    case "$($candidate version --short 2> /dev/null)" in 2.*|v2.*|[3-9].*) COMPOSE=$candidate; break ;; esac
  done
fi
[ -n "${COMPOSE:-}" ] || fail "Docker Compose 2 is needed (Debian 13: apt install docker-compose), or name it: COMPOSE=…"
for needed in podman mmdebstrap curl; do command -v $needed > /dev/null || fail "$needed is needed: apt install $needed"; done

place=$(mktemp -d)
# Containers get this shell's limits: podman's own defaults are more than some hosts allow.
cat > "$place/containers.conf" << CONF
[containers]
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=20000:20000"]
[engine]
$(command -v runc > /dev/null && echo 'runtime = "runc"')
$([ -d /run/systemd/system ] || echo 'cgroup_manager = "cgroupfs"')
events_logger = "file"
[network]
network_backend = "netavark"
CONF
export CONTAINERS_CONF="$place/containers.conf" DOCKER_HOST="unix://$place/podman.sock"
export BOUCLE_PUBLISH="127.0.0.1:$PORT" BOUCLE_MAIL_PORT="$MAIL_PORT" BOUCLE_PUBLIC_URL="http://127.0.0.1:$PORT"
export BOUCLE_ALWAYS_OPEN=true

compose() { $COMPOSE -p boucle-try -f docker-compose.yml -f deploy/compose/from-debian/images.yml "$@"; }
story() { BOUCLE_ADDRESS=$BOUCLE_PUBLIC_URL .venv/bin/python -m pytest tests/browser/test_a_need_arrives.py -q -k "$1"; }
# shellcheck disable=SC2086 -- one word per option
build() { podman build --quiet $BUILD_OPTIONS --build-arg PYTHON="$PYTHON" "$@" . > /dev/null; }
base() {
  podman image exists "$1" && return
  mmdebstrap --quiet --variant=minbase --include="$2" "$SUITE" "$place/base.tar"
  podman import --quiet "$place/base.tar" "$1" > /dev/null
  rm "$place/base.tar"
}

leave() {
  [ "${KEEP:-}" = 1 ] || { say "Taking it away"; compose down --volumes 2>&1 | tail -n 1; }
  kill "$service" ${timer:+"$timer"} 2> /dev/null || true
  rm -rf "$place"
}

say "Base images from Debian $SUITE"
base "$PYTHON" ca-certificates,python3,python3-venv
base "$TOOLS" ca-certificates,python3,python3-venv,nodejs,npm,caddy,wget

say "Images: Boucle's, and the stand-ins"
build --file deploy/compose/Dockerfile --build-arg NODE="$TOOLS" --build-arg COMMIT="$(git rev-parse HEAD)" --tag localhost/boucle:try
for target in postgres nats mail gateway; do
  build --file deploy/compose/from-debian/Dockerfile --build-arg TOOLS="$TOOLS" --target $target --tag localhost/boucle-try/$target
done
podman images --format '{{.Repository}}:{{.Tag}}  {{.Size}}' | grep -E '^localhost/boucle(:|-try/)'

podman system service --time=0 "$DOCKER_HOST" 2> "$place/service.log" &
service=$!
timer=
trap leave EXIT
trap 'exit 130' INT TERM
if [ ! -d /run/systemd/system ]; then
  # podman leaves the clock of health checks to systemd; without one somebody else has to look at it
  (while sleep 2; do for each in $(podman ps -q); do podman healthcheck run "$each" > /dev/null 2>&1 || true; done; done) &
  timer=$!
fi

say "Starting"
compose up --detach --no-build --wait 2>&1 | tail -n 1
compose ps --all --format '{{.Service}}  {{.Status}}'
compose logs --no-log-prefix setup | tail -n 3

say "The demonstration, and what it publishes compared with what each reader has"
compose run --rm -T setup python -m deploy.compose.demonstration 2> /dev/null | sed 's/  [a-z0-9-]*  /  (its password)  /'
sleep 10
compose run --rm -T setup boucle reconcile 2> /dev/null

say "A browser: the need arrives by itself"
story reasons

say "The letter about it, in the catcher"
curl --silent --fail "http://127.0.0.1:$MAIL_PORT/api/v1/messages" | grep -q 'camille501@exemple.fr' || fail "no letter was caught"
echo "caught"

say "One NATS node is killed, and the story goes on without scripts"
podman kill boucle-try-nats-2-1 > /dev/null
story javascript
compose ps --all --format '{{.Service}}  {{.Status}}' nats-2
compose up --detach --no-build --wait nats-2 2>&1 | tail -n 1
compose run --rm -T setup boucle reconcile 2> /dev/null

say "A service is started again while pages are asked for"
(for _ in $(seq 60); do curl --silent --max-time 20 --output /dev/null --write-out '%{http_code}\n' "$BOUCLE_PUBLIC_URL/needs"; sleep 0.1; done) > "$place/answers" &
asking=$!
compose restart catalog 2>&1 | tail -n 1
wait $asking
sort "$place/answers" | uniq -c
[ "$(sort -u "$place/answers")" = 200 ] || fail "a page was refused"

say "A second start changes nothing"
compose up --detach --no-build --wait 2>&1 | tail -n 1
compose logs --no-log-prefix setup | tail -n 4
podman stats --no-stream --format '{{.Name}}  {{.MemUsage}}' | grep -v 0B
say "All went well"
