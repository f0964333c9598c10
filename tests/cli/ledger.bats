#!/usr/bin/env bats
# The ledger as a file: copied while others write, looked over, sealed with another key.

load helper
bats_require_minimum_version 1.5.0

setup() {
	make_desk
	add_contract c1 partner-support 5
	request mail '"title": "Mail flow stops after the update", "description": "Since the update.",
		"product": "SQL Server", "release": "2022", "severity": "B", "reference": "PSA-4711"'
	key=$work/desk/ledger.db.key
}

sql() { # FILE SQL
	python3 -c 'import sqlite3,sys
c = sqlite3.connect(sys.argv[1]); c.isolation_level = None
for row in c.execute(sys.argv[2]): print(*row)' "$@"
}

# The ledger is whole, and its key opens what is sealed.
opens() {
	run "$caseroute" ledger verify
	[ "$status" -eq 0 ]
	[[ $output == *"all that is sealed opens"* ]]
}

@test "a backup is a whole ledger, private, and never over a file" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	run "$caseroute" ledger backup "$work/copy.db"
	[ "$status" -eq 0 ]
	[ "$(stat -c %a "$work/copy.db")" = 600 ]
	[ "$(sql "$work/copy.db" 'SELECT count(*) FROM request')" = 1 ]
	run "$caseroute" ledger verify "$work/copy.db"
	[ "$status" -eq 0 ]
	[[ $output == *"all that is sealed opens"* ]]

	sum=$(sha256sum <"$work/copy.db")
	run "$caseroute" ledger backup "$work/copy.db"
	[ "$status" -eq 73 ]
	[[ $output == *"is there already; nothing was written"* ]]
	[ "$sum" = "$(sha256sum <"$work/copy.db")" ]
	[ "$(find "$work" -maxdepth 1 -name 'copy.db*' | wc -l)" -eq 1 ]

	run "$caseroute" ledger backup "$work/nowhere/copy.db"
	[ "$status" -eq 73 ]
	[ "$("$caseroute" ledger backup "$work/other.db" --json | field file)" = "$work/other.db" ]
}

@test "a restored backup serves as the ledger" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	"$caseroute" ledger backup "$work/copy.db"
	rm "$work"/desk/ledger.db*[!y]
	cp "$work/copy.db" "$work/desk/ledger.db"
	opens
	[ "$("$caseroute" requests list --json | field 0 reference)" = PSA-4711 ]
	[ "$(contract_field c1 reserved)" = 1 ]
}

@test "backups while others write are each a state between two commits" {
	for i in $(seq 12); do
		sed "s/PSA-4711/PSA-$i/" "$work/mail.json" >"$work/mail$i.json"
		"$caseroute" submit "$work/mail$i.json" >/dev/null 2>&1 || true
	done &
	writer=$!
	for i in $(seq 6); do
		"$caseroute" ledger backup "$work/copy$i.db"
		"$caseroute" ledger verify "$work/copy$i.db"
	done
	wait "$writer"
	[ "$("$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 12 ]
}

@test "verify tells the first trouble and exits with 65" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	opens
	sql "$work/desk/ledger.db" 'UPDATE contract SET spent = 4'
	run "$caseroute" ledger verify
	[ "$status" -eq 65 ]
	[[ $output == *"the count of spent incidents is wrong for contract c1"* ]]
	run "$caseroute" ledger verify --json
	[ "$status" -eq 65 ]
	[[ $output == *'"good": false'* ]]
	# What is wrong is not copied as if it were good.
	run "$caseroute" ledger backup "$work/bad.db"
	[ "$status" -eq 65 ]
	[[ $output == *"the copy is not good and was not kept"* ]]
	[ ! -e "$work/bad.db" ]
}

@test "a head noted once proves later that no event up to it was changed or taken out" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	run "$caseroute" ledger verify
	head=$(printf '%s\n' "$output" | sed -n 's/^head //p')
	[[ $head =~ ^3:[0-9a-f]{64}$ ]]
	[ "$("$caseroute" ledger verify --json | field head)" = "$head" ]
	"$caseroute" requests cancel "$("$caseroute" requests list --json | field 0 id)"
	run "$caseroute" ledger verify --head "$head"
	[ "$status" -eq 0 ]
	later=$(printf '%s\n' "$output" | sed -n 's/^head //p')
	[[ $later == 4:* ]]

	run "$caseroute" ledger verify --head "3:${later#*:}"
	[ "$status" -eq 65 ]
	[[ $output == *"event 3 is not the one whose head was noted"* ]]
	run "$caseroute" ledger verify --head nonsense
	[ "$status" -eq 64 ]

	sql "$work/desk/ledger.db" 'DROP TRIGGER event_remains'
	sql "$work/desk/ledger.db" 'DELETE FROM event WHERE sequence = 4'
	"$caseroute" ledger verify >/dev/null
	run "$caseroute" ledger verify --head "$later"
	[ "$status" -eq 65 ]
	[[ $output == *"the last events are missing"* ]]
}

@test "an event written anew by hand is named" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	run sql "$work/desk/ledger.db" "UPDATE event SET who = 'bela' WHERE sequence = 2"
	[[ $output == *"only appended or erased"* ]]
	sql "$work/desk/ledger.db" 'DROP TRIGGER event_stays'
	sql "$work/desk/ledger.db" "UPDATE event SET who = 'bela' WHERE sequence = 2"
	run "$caseroute" ledger verify
	[ "$status" -eq 65 ]
	[[ $output == *"event 2 is not what was written"* ]]
}

@test "verify sees a damaged file" {
	for i in $(seq 5); do
		sed "s/PSA-4711/PSA-$i/" "$work/mail.json" >"$work/mail$i.json"
		"$caseroute" submit "$work/mail$i.json" >/dev/null 2>&1 || true
	done
	"$caseroute" ledger backup "$work/copy.db"
	size=$(stat -c %s "$work/copy.db")
	head -c $((size - 8192)) /dev/zero | tr '\0' 'x' |
		dd of="$work/copy.db" bs=4096 seek=1 conv=notrunc status=none
	run "$caseroute" ledger verify "$work/copy.db"
	[ "$status" -eq 65 ]
	head -c 4096 /dev/urandom >"$work/none.db"
	run "$caseroute" ledger verify "$work/none.db"
	[ "$status" -eq 65 ]
}

@test "without its key a ledger is looked over but for what is sealed" {
	mv "$key" "$work/away"
	run "$caseroute" ledger verify
	[ "$status" -eq 0 ]
	[[ $output == *"the key is not at hand"* ]]
	"$caseroute" ledger backup "$work/copy.db"
}

@test "another key: everything opens with the new one, nothing with the old one" {
	cp "$key" "$work/old"
	run "$caseroute" ledger rekey
	[ "$status" -eq 0 ]
	[ "$(stat -c %a "$key")" = 600 ]
	[ ! -e "$key.new" ]
	run ! cmp -s "$key" "$work/old"
	opens
	cp "$work/old" "$key"
	run "$caseroute" ledger verify
	[ "$status" -eq 78 ]
	[[ $output == *"sealed with another key"* ]]
}

@test "rekey killed at any point loses no key, and run again it ends" {
	cp -r "$work/desk" "$work/saved"
	CASEROUTE_KILL_LOG=$work/points "$caseroute" ledger rekey >/dev/null
	n=$(wc -l <"$work/points")
	[ "$n" -ge 4 ]
	for at in $(seq 1 "$n"); do
		rm -rf "$work/desk"
		cp -r "$work/saved" "$work/desk"
		CASEROUTE_KILL_AT=$at "$caseroute" ledger rekey >/dev/null 2>&1 && status=0 || status=$?
		[ "$status" -eq 137 ] || { echo "not killed at $at: $status"; false; }
		# One of the two files opens the ledger, whatever happens next.
		cp -r "$work/desk" "$work/looked"
		"$caseroute" ledger verify >/dev/null 2>"$work/said" || {
			grep -q 'sealed with another key' "$work/said"
			"$caseroute" contracts list >/dev/null 2>"$work/said" && false
			grep -q 'caseroute ledger rekey. was cut off, run it again' "$work/said"
			cp "$key.new" "$key"
			"$caseroute" ledger verify >/dev/null
		}
		rm -rf "$work/desk"
		mv "$work/looked" "$work/desk"
		run "$caseroute" ledger rekey
		[ "$status" -eq 0 ] || { echo "killed at $at: $output"; false; }
		[ ! -e "$key.new" ]
		opens
	done
}

@test "a key that is behind a credential is changed in the file that is named" {
	mkdir "$work/credentials"
	cp "$key" "$work/credentials/ledger-key"
	sed -i 's/^path = ledger.db/&\nkey = cred:ledger-key/' "$work/desk/caseroute.ini"
	run "$caseroute" ledger rekey
	[ "$status" -eq 78 ]
	[[ $output == *"--key-file"* ]]
	"$caseroute" ledger rekey --key-file "$work/credentials/ledger-key"
	export CREDENTIALS_DIRECTORY=$work/credentials
	opens
}

@test "a second rekey at the same time waits for another try" {
	exec 9<"$work/desk"
	flock 9
	run "$caseroute" ledger rekey
	[ "$status" -eq 75 ]
	[[ $output == *"another rekey is under way"* ]]
}
