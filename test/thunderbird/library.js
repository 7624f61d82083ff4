// What is done inside Thunderbird, by its own objects: a function for each step.
// The names and values that it shows are returned; the judging is not done here.

function accountOf(address) {
  return MailServices.accounts.accounts.find(a => a.defaultIdentity?.email == address);
}

function folderOf(address, name) {
  return accountOf(address).incomingServer.rootFolder.getChildNamed(name);
}

// An account with IMAP and submission over TLS, as the settings dialogue would make it.
function addAccount(address, password, imap, submission) {
  const server = MailServices.accounts.createIncomingServer(address, "localhost", "imap");
  const outgoing = MailServices.outgoingServer.createServer("smtp");
  const smtp = outgoing.QueryInterface(Ci.nsISmtpServer);
  server.port = imap;
  smtp.hostname = "localhost";
  smtp.port = submission;
  outgoing.username = address;
  for (const host of [server, outgoing]) {
    host.socketType = Ci.nsMsgSocketType.SSL;
    host.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
    host.password = password;
  }
  const identity = MailServices.accounts.createIdentity();
  identity.email = address;
  identity.smtpServerKey = outgoing.key;
  const account = MailServices.accounts.createAccount();
  account.incomingServer = server;
  account.addIdentity(identity);
  identity.fccFolderURI = server.rootFolder.URI + "/Sent";
  return account.key;
}

// Sends a message, keeps a copy in Sent by IMAP, and returns its Message-ID.
function sendMessage(from, to, subject, text) {
  const account = accountOf(from);
  const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
  Object.assign(fields, { from, to, subject });
  return new Promise((resolve, reject) => {
    const failed = what => status => status && reject(new Error(`${what}: 0x${status.toString(16)}`));
    const listener = {
      QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener", "nsIMsgCopyServiceListener"]),
      onStartSending() {},
      onProgress() {},
      onStatus() {},
      onStopSending(id, status) { failed("not sent")(status); },
      onGetDraftFolderURI() {},
      onSendNotPerformed(id, status) { failed("not sent")(status); },
      onTransportSecurityError(id, status) { failed("no trust in the server")(status); },
      onStartCopy() {},
      setMessageKey() {},
      getMessageId() {},
      onStopCopy(status) { failed("no copy in Sent")(status); resolve(fields.messageId); },
    };
    Cc["@mozilla.org/messengercompose/send;1"].createInstance(Ci.nsIMsgSend)
      .createAndSendMessage(null, account.defaultIdentity, account.key, fields, false, false,
        Ci.nsIMsgCompDeliverMode.Now, null, "text/plain", text, null, null, listener, "", null, Ci.nsIMsgCompType.New)
      .catch(reject);
  });
}

// Asks the server for what is new in a folder, and downloads it for reading offline.
// Returns the folder's file and what Thunderbird knows about each message.
async function syncFolder(address, name) {
  await new Promise(resolve => {
    accountOf(address).incomingServer.performExpand(null); // the list of folders, which tells nobody that it is there
    const timer = setInterval(() => folderOf(address, name) && resolve(clearInterval(timer)), 50);
  });
  const folder = folderOf(address, name);
  const ended = start => new Promise((resolve, reject) => start({
    QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
    OnStartRunningUrl() {},
    OnStopRunningUrl(url, status) { status ? reject(new Error(`${folder.URI}: 0x${status.toString(16)}`)) : resolve(); },
  }));
  await ended(l => folder.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(null, l));
  await ended(l => folder.downloadAllForOffline(l, null));
  return {
    file: folder.filePath.path,
    messages: [...folder.msgDatabase.enumerateMessages()].map(h => ({
      uid: h.messageKey,
      offline: Boolean(h.flags & Ci.nsMsgMessageFlags.Offline),
      offset: Number(h.storeToken),
      size: h.messageSize,
      subject: h.mime2DecodedSubject,
      author: h.mime2DecodedAuthor,
      about: h.getStringProperty("x-riferimento-message-id"),
      receipt: h.getStringProperty("x-ricevuta"),
      transport: h.getStringProperty("x-trasporto"),
    })),
  };
}

// Opens a message in a tab, as a reader would, and returns what the tab shows.
// status is the verdict on the signature, by its name in nsICMSMessageErrors; icon is its mark.
async function openMessage(address, name, uid) {
  const folder = folderOf(address, name);
  const tabmail = Services.wm.getMostRecentWindow("mail:3pane").document.getElementById("tabmail");
  const messageURI = folder.getUriForMsg(folder.GetMessageHeader(uid));
  tabmail.openTab("mailMessageTab", { messageURI });
  // The signature is judged after the text is shown, and Thunderbird says when that is done.
  const about = await new Promise(resolve => {
    const timer = setInterval(() => {
      const page = tabmail.currentAboutMessage;
      if (page?.gMessageURI == messageURI && page.gSmimeProcessedDispatched) resolve(clearInterval(timer) ?? page);
    }, 50);
  });
  const shown = {
    status: Object.keys(Ci.nsICMSMessageErrors).find(k => Ci.nsICMSMessageErrors[k] === about.gSignatureStatus),
    icon: about.document.getElementById("signedHdrIcon").src.split("/").pop(),
    subject: about.document.getElementById("expandedsubjectBox").value.textContent,
    attachments: about.currentAttachments.map(a => a.name),
  };
  tabmail.closeTab(tabmail.currentTabInfo);
  return shown;
}
