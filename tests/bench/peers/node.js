// MQTT.js and pg at their best: readings of many messages in one insert, the next being gathered while one is under way.
// MQTT.js acknowledges a message when its handler returns, one after the other: to hold that back until the commit would be
// one message a transaction. So what is gathered is acknowledged and not yet safe.
//
//     node node.js PORT CONNINFO-JSON READINGS-A-BATCH
const { createRequire } = require('node:module')
const from = createRequire(process.cwd() + '/')
const mqtt = from('mqtt')
const { Client } = from('pg')

const [port, where, most] = [process.argv[2], JSON.parse(process.argv[3]), Number(process.argv[4])]
const insert = `insert into peer.reading (monitor, parameter, at, value)
    select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[]) on conflict do nothing`
let waiting = []
let busy = false

async function store(db) {
    if (busy || waiting.length === 0) return
    busy = true
    const batch = waiting.splice(0, most)
    const columns = [[], [], [], []]
    for (const row of batch) for (let i = 0; i < 4; i++) columns[i].push(row[i])
    await db.query({ name: 'insert', text: insert, values: columns })
    busy = false
    setImmediate(store, db)
}

async function main() {
    const db = new Client(where)
    await db.connect()
    const client = mqtt.connect({ host: '127.0.0.1', port: Number(port), protocolVersion: 5, clientId: 'node', clean: false,
        properties: { sessionExpiryInterval: 4294967295, receiveMaximum: 1000 } })
    client.on('connect', () => client.subscribe('plants/#', { qos: 1 }, () => console.log('ready')))
    client.on('message', (topic, payload) => {
        const message = JSON.parse(payload)
        for (const code in message.readings) waiting.push([message.monitor, code, message.time, message.readings[code]])
        store(db)
    })
}
main()
