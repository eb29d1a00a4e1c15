-- One request of the load benchmark: the size and shape of a payment provider's event.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Event"] = "payment"
wrk.body = '{"id":"evt_1","type":"payment.succeeded","created":1770000000,"data":{"object":{"id":"pay_123","amount":1250,"currency":"eur","customer":"cus_42","metadata":{"order":"o-1001"}}}}'
