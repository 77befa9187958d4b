#!/bin/bash
# base-image.sh TAG: a base image from this machine's own CPython and C library; nothing is downloaded.
#
# The image holds the interpreter in /usr/local, pip from the wheels that CPython carries, a shell with a few
# tools, the shared libraries that all of them need (found by ldd, closed under it), the accounts root and nobody, and this
# machine's certificates, so that pip works inside a build where this machine's pip does.
# DOCKER names the client (default: docker); PYTHON the interpreter (default: python3).
set -euo pipefail
tag=${1:?usage: base-image.sh TAG}
docker=${DOCKER:-docker}
read -r prefix version < <("${PYTHON:-python3}" -c 'import sys; print(sys.base_prefix, "%d.%d" % sys.version_info[:2])')
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{usr/{bin,sbin,lib,lib64,local/{bin,lib}},etc/ssl/certs,proc,sys,dev,run,root,io,var/tmp,tmp}
chmod 1777 "$root/tmp" "$root/var/tmp"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done

# The interpreter: it finds its library from where it lies.
cp -aL "$prefix/bin/python$version" "$root/usr/local/bin/"
ln -s "python$version" "$root/usr/local/bin/python3"
ln -s "python$version" "$root/usr/local/bin/python"
mapfile -t shared < <(cd "$prefix/lib" && ls -d "libpython$version.so"* 2>/dev/null || true)
tar -C "$prefix/lib" -cf - --exclude=test --exclude=tests --exclude=idlelib --exclude=turtledemo \
  --exclude='config-*' --exclude='*.a' --exclude='*.opt-?.pyc' --exclude="python$version/site-packages/*" \
  --exclude="python$version/dist-packages/*" "python$version" "${shared[@]}" | tar -C "$root/usr/local/lib" -xf -
mkdir -p "$root/usr/local/lib/python$version/site-packages"
"$prefix/bin/python$version" -I - "$root/usr/local/lib/python$version/site-packages" <<'END'
import ensurepip, pathlib, sys, zipfile
for wheel in (pathlib.Path(ensurepip.__file__).parent / "_bundled").glob("*.whl"):
    zipfile.ZipFile(wheel).extractall(sys.argv[1])
END
printf '#!/usr/local/bin/python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n' > "$root/usr/local/bin/pip"
chmod 755 "$root/usr/local/bin/pip"

# Tools for RUN lines and tests.
for tool in sh env cat ls cp mv rm mkdir chmod chown ln sleep true false echo id grep sed head uname find test; do
  path=$(command -v "$tool") || path=/bin/$tool
  [ -x "$path" ] && install -D -m 755 "$(readlink -f "$path")" "$root/usr/bin/$tool"
done

# Libraries that they name, and those that wheels and the name service load by themselves.
libraries() {
  find "$root/usr/local/lib" -name '*.so*' -type f -exec ldd {} + 2>/dev/null
  ldd "$root"/usr/bin/* "$root/usr/local/bin/python$version" 2>/dev/null || true
  local name path
  for name in libstdc++.so.6 libgcc_s.so.1 libgomp.so.1 libm.so.6 librt.so.1 libdl.so.2 libpthread.so.0 libutil.so.1 \
    libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do
    path=$(/sbin/ldconfig -p | awk -v n="$name" '$1 == n && !found { print $NF; found = 1 }')
    if [ -n "$path" ]; then echo "x => $path"; ldd "$path" 2>/dev/null || true; fi
  done
}
libraries | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/lib[^ ]*ld-[^ ]*\).*/\1/p' | sort -u | while read -r path; do
  case $path in "$prefix"/* | "$root"/*) continue ;; esac
  install -D -m 755 "$(readlink -f "$path")" "$root$(readlink -f "$(dirname "$path")")/$(basename "$path")"
done

printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' > "$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' > "$root/etc/group"
printf 'hosts: files dns\npasswd: files\ngroup: files\n' > "$root/etc/nsswitch.conf"
printf '/usr/local/lib\n/usr/lib/%s-linux-gnu\n' "$(uname -m)" > "$root/etc/ld.so.conf"
/sbin/ldconfig -r "$root" 2>/dev/null || true
bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
if [ -e "$bundle" ]; then
  cp -L "$bundle" "$root/etc/ssl/certs/ca-certificates.crt"
  printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > "$root/etc/pip.conf"
fi
tar -C "$root" --numeric-owner --owner=0 --group=0 -cf - . |
  "$docker" import -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' -c 'ENV LANG=C.UTF-8' \
    -c 'CMD ["python3"]' - "$tag" >/dev/null
