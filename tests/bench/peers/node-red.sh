# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # names of tests/bench/peers.sh
# Node-RED: http in -> switch on payload.customer -> http request -> http response.
# With more than 3 rules the switch node tries them in order.
PEER_NEEDS="node; npm package node-red (SETUP=1)"
PEER_MAX_RULES=1000
peer_check() { command -v node >/dev/null && [ -d "$NODE_MODULES/node-red" ]; }
peer_setup() {
	mkdir -p "$WORK/nr"
	cat > "$WORK/nr/settings.js" <<E
module.exports = { uiHost: '127.0.0.1', uiPort: $IN_PORT, flowFile: 'flows.json', userDir: '$WORK/nr', httpAdminRoot: '/red', logging: { console: { level: 'warn' } },
 credentialSecret: false, telemetry: { enabled: false }, editorTheme: { tours: false } };
E
	R=$1 UPS="${UP_PORTS[*]}" G=$GEN node -e '
const R=+process.env.R,U=process.env.UPS.split(" "),G=+process.env.G,f=[{id:"t",type:"tab",label:"b"},
{id:"in",type:"http in",z:"t",url:"/requests",method:"post",wires:[["sw"]]},
{id:"out",type:"http response",z:"t",wires:[]}];
const rules=[],w=[];for(let i=0;i<R;i++){rules.push({t:"eq",v:"r"+String(i).padStart(5,"0"),vt:"str"});w.push(["u"+((i+G)%3)]);}
f.push({id:"sw",type:"switch",z:"t",property:"payload.customer",propertyType:"msg",rules,checkall:"false",repair:false,outputs:R,wires:w});
for(let i=0;i<3;i++)f.push({id:"u"+i,type:"http request",z:"t",method:"POST",ret:"txt",paytoqs:"ignore",url:"http://127.0.0.1:"+U[i]+"/requests",persist:true,wires:[["out"]]});
process.stdout.write(JSON.stringify(f));' > "$WORK/nr/flows.json"
}
peer_start() {
	NODE_ENV=production node --max-old-space-size=2048 "$NODE_MODULES/node-red/red.js" -u "$WORK/nr" -s "$WORK/nr/settings.js" > "$WORK/nr.log" 2>&1 &
	PEER_PIDS=$!
}
