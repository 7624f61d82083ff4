"""Sends a certified message and waits for its delivery receipt.

Against `collaudo simulate`; the standard library is enough:
    python3 examples/python/send_and_wait.py [http://127.0.0.1:6100]
"""
import email.message, email.utils, json, smtplib, ssl, sys, urllib.parse, urllib.request

control = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:6100"
ask = lambda path, **query: json.load(urllib.request.urlopen(f"{control}{path}?{urllib.parse.urlencode(query)}"))

world, before = ask("/v1/world"), ask("/v1/events", after="last")["next"]
sender, recipient = world["providers"][0]["accounts"][0], world["providers"][1]["accounts"][0]
message = email.message.EmailMessage()
message["From"], message["To"], message["Subject"] = sender["address"], recipient["address"], "Fattura 42"
message["Date"], message["Message-ID"] = email.utils.localtime(), email.utils.make_msgid(domain="client.example")
message.set_content("In allegato la fattura.\n")

port = int(world["providers"][0]["hosts"]["submissionTLS"].rsplit(":", 1)[1])
with smtplib.SMTP_SSL("localhost", port, context=ssl.create_default_context(cadata=world["trust"]["ca"])) as smtp:
    smtp.login(sender["user"], sender["password"])
    smtp.send_message(message)

receipts = ask("/v1/events", after=before, wait="30s", kind="avvenuta-consegna", reference=message["Message-ID"])["events"]
if not receipts:
    sys.exit("no delivery receipt within 30 seconds")
print(f"{receipts[0]['subject']!r} for {receipts[0]['recipients'][0]}: {control}/v1/messages/{receipts[0]['sha256']}")
