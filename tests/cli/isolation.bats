#!/usr/bin/env bats
# Plugins that did not come with caseroute run in confined children: what becomes of one that
# dies or never returns, and of the others meanwhile.

load helper
load service

setup() {
	make_desk
	unset CASEROUTE_ISOLATION
	sed -i "s|$source_root/conf/routes.ini|routes.ini|; s|^\[ledger\]|[caseroute]\nplugins = ${caseroute%/*}/tests/plugins\n\n[ledger]|" \
		"$work/desk/caseroute.ini"
	den exit 1s
	printf '[route den]\nmatch.severity = A\nportal = den\n[route calm]\nmatch.severity = C\nportal = calm\n[route rest]\nportal = den\n' >"$work/desk/routes.ini"
}

teardown() { kill_service; }

den() { # DEED LIMIT: what the plugin of the first portal does, and how long it may compute
	printf '[portal den]\nplugin = hostile\nworkloads = azure\ndeed = %s\n[portal calm]\nplugin = hostile\nworkloads = azure\n' \
		"$1" >"$work/desk/portals.ini"
	sed -i "/^step_limit/d; s|^plugins = .*|&\nstep_limit = $2|" "$work/desk/caseroute.ini"
}

# submit_titled TITLE DESCRIPTION
submit_titled() {
	printf '{"product":"Virtual Machines","customer":"fabrikam","severity":"A","title":"%s","description":"%s"}' \
		"$1" "$2" >"$work/titled.json"
	ask POST /v1/requests "@$work/titled.json"
}

# submit SEVERITY [CURL ARGUMENT...]
submit() {
	ask POST /v1/requests "{\"product\":\"Virtual Machines\",\"customer\":\"fabrikam\",\"severity\":\"$1\",\"title\":\"T\",\"description\":\"D\"}" "${@:2}"
}

calm_opens() {
	submit C -H 'Prefer: wait=20'
	[ "$(answer state)" = open ] && [ "$(answer ticket)" = "for T" ]
}

children() { pgrep -P "$service_pid" -f -- '--portal-child den'; }

@test "portals list tells where each plugin runs, and why" {
	printf '[portal own]\nplugin = guided\nlink = https://p.example\n[portal trusted]\nplugin = hostile\nisolation = in-process\n' \
		>>"$work/desk/portals.ini"
	run "$caseroute" portals list
	[[ $output == *"den "*"runs in a child of its own: its file is not among the plugins that came with caseroute"* ]]
	[[ $output == *"own "*"runs in this process: its plugin came with caseroute"* ]]
	[[ $output == *"trusted "*"runs in this process: its section says so"* ]]
	run "$caseroute" --json portals list
	[[ $output == *'"isolation": "process"'* ]]
}

@test "a message that may have arrived says so, and a plugin without link what it is missing" {
	request open '"product": "Virtual Machines", "customer": "fabrikam", "severity": "C", "title": "T", "description": "D"'
	"$caseroute" submit "$work/open.json" >/dev/null
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests message "$id" "$work/open.json"
	[ "$status" -eq 69 ]
	[[ $output == *"message may have been done, or not (no answer came back); look at the ticket"* ]]
	run "$caseroute" requests show "$id"
	[[ $output == *"open: message may have been done, or not"* ]]
	add_contract c1 partner-support 3
	request link '"product": "SQL Server", "release": "2022", "severity": "B", "title": "T", "description": "D"'
	run "$caseroute" submit "$work/link.json"
	[ "$status" -eq 75 ]
	[[ $output == *"portal den cannot link: give its plugin a step link; one that returns PORTAL_DONE"* ]]
}

@test "while a portal is closed the next route that fits is taken, and the decision says why" {
	sed -i '/match.severity = C/d' "$work/desk/routes.ini"
	start_service
	for _ in 1 2 3; do
		submit A -H 'Prefer: wait=20'
		[ "$(answer state)" = parked ]
	done
	submit A -H 'Prefer: wait=20'
	[ "$(answer state)" = open ]
	[ "$(answer portal)" = calm ]
	"$caseroute" requests explain "$(answer id)" >"$work/explained"
	grep -q "The portal of the first route that fits is closed, since its plugin died too often." "$work/explained"
	"$caseroute" reload
	submit A -H 'Prefer: wait=20'
	[ "$(answer state)" = parked ]
}

@test "a plugin that dies closes its portal and no other, until a reload" {
	start_service
	for _ in 1 2 3; do
		calm_opens
		submit A -H 'Prefer: wait=20'
		[ "$(answer state)" = parked ]
		[[ $(answer reason) == "plugin hostile in create, stage 0: it ended by itself (status 0)" ]]
	done
	submit A
	await "$(answer id)" waiting
	ask GET "/v1/requests/$(answer id)/explain"
	grep -q 'portal den is closed for a while: its plugin died too often' "$work/body"
	ask GET /readyz
	good 200
	[ "$(answer closed_portals 0)" = den ]
	ask GET /v1/portals
	[ "$(answer 0 closed_seconds)" -gt 0 ]
	[ "$(answer 1 closed_seconds)" = 0 ]
	ask GET /metrics
	grep -q '^caseroute_portal_closed{portal="den"} 1$' "$work/body"
	grep -q '^caseroute_portal_closed{portal="calm"} 0$' "$work/body"
	grep -q '^caseroute_portal_child_deaths_total{portal="den"} 3$' "$work/body"
	grep -q 'portal den is closed for 60 s: its plugin hostile died too often' "$work/service.err"
	calm_opens

	den nothing 1s
	"$caseroute" reload
	submit A -H 'Prefer: wait=20'
	[ "$(answer state)" = open ]
}

@test "a plugin that never returns holds no other up, and its child dies with the service" {
	den wait 60s
	start_service
	submit A
	id=$(answer id)
	for _ in $(seq 200); do
		child=$(children) && break
		sleep 0.05
	done
	calm_opens
	calm_opens
	ask GET "/v1/requests/$id"
	[ "$(answer state)" = creating ] || [ "$(answer state)" = ready ]
	ask GET /readyz
	good 200
	kill_service
	for _ in $(seq 200); do
		[ -e "/proc/$child" ] || return 0
		sleep 0.05
	done
	return 1
}

@test "an operation of a plugin that does not return in time fails, and the service serves on" {
	den loop 100ms
	start_service
	submit A -H 'Prefer: wait=20'
	[ "$(answer state)" = parked ]
	[ "$(answer reason)" = "plugin hostile in create, stage 0: it did not return within 100 ms" ]
	calm_opens
}

@test "steps that are sent while another hangs are done by the next child" {
	den as-titled 500ms
	start_service
	submit_titled first D
	await "$(answer id)" open
	submit_titled loop D
	hung=$(answer id)
	long=$(head -c 40000 /dev/zero | tr '\0' d)
	: >"$work/ids"
	for _ in $(seq 20); do # more than the socket holds
		submit_titled other "$long"
		answer id >>"$work/ids"
	done
	await "$hung" parked
	[[ $(answer reason) == *"it did not return within 500 ms" ]]
	while read -r id; do
		await "$id" open
		[ "$(answer ticket)" = "for other" ]
	done <"$work/ids"
	ask GET /metrics
	grep -q '^caseroute_portal_child_deaths_total{portal="den"} 1$' "$work/body"
}

@test "of steps that are sent together only those that kill their child fail" {
	den as-titled 1s
	start_service
	submit_titled first D
	await "$(answer id)" open
	: >"$work/ids"
	kill -STOP "$(children)"
	for title in one exit two exit three; do
		submit_titled "$title" D
		echo "$title $(answer id)" >>"$work/ids"
	done
	kill -CONT "$(children)"
	while read -r title id; do
		if [ "$title" = exit ]; then
			await "$id" parked
			[[ $(answer reason) == *"it ended by itself (status 0)" ]]
		else
			await "$id" open
			[ "$(answer ticket)" = "for $title" ]
		fi
	done <"$work/ids"
	ask GET /metrics
	grep -q '^caseroute_portal_child_deaths_total{portal="den"} 2$' "$work/body"
}
