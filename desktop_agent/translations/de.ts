<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>EmbedPool</name>
        <message>
            <location filename="../core/engines/download.py" />
            <source>The download failed</source>
            <translation>Das Herunterladen ist gescheitert</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>Something went wrong</source>
            <translation>Etwas ist schiefgegangen</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>Not joined yet</source>
            <translation>Noch nicht beigetreten</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>Already joined</source>
            <translation>Schon beigetreten</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>This is not an invite link</source>
            <translation>Das ist kein Einladungslink</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>EmbedPool is already running</source>
            <translation>EmbedPool läuft schon</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>EmbedPool cannot show windows</source>
            <translation>EmbedPool kann keine Fenster zeigen</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>EmbedPool is still running</source>
            <translation>EmbedPool läuft noch</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>EmbedPool is not installed yet</source>
            <translation>EmbedPool ist noch nicht installiert</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The data folder cannot be used</source>
            <translation>Der Datenordner ist nicht benutzbar</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The key store said no</source>
            <translation>Der Schlüsselbund hat abgelehnt</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <location filename="../ui/texts.py" />
            <source>The key store is locked</source>
            <translation>Der Schlüsselbund ist gesperrt</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>No key store was found</source>
            <translation>Es wurde kein Schlüsselbund gefunden</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The key is gone</source>
            <translation>Der Schlüssel ist weg</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The pool has a problem</source>
            <translation>Der Pool hat ein Problem</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The connection would not be encrypted</source>
            <translation>Die Verbindung wäre nicht verschlüsselt</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <location filename="../ui/texts.py" />
            <source>No connection</source>
            <translation>Keine Verbindung</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The pool is busy</source>
            <translation>Der Pool ist überlastet</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The pool's server answers strangely</source>
            <translation>Der Server des Pools antwortet seltsam</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The pool said no</source>
            <translation>Der Pool hat abgelehnt</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <location filename="../ui/texts.py" />
            <source>The pool refused this PC's key</source>
            <translation>Der Pool hat den Schlüssel dieses PCs abgelehnt</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The engine has a problem</source>
            <translation>Das Rechenmodul hat ein Problem</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The engine is not running</source>
            <translation>Das Rechenmodul läuft nicht</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>You are using Ollama yourself</source>
            <translation>Sie benutzen Ollama selbst</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <location filename="../ui/texts.py" />
            <source>A model is missing</source>
            <translation>Ein Modell fehlt</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>Not enough memory</source>
            <translation>Zu wenig Speicher</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The engine is too slow</source>
            <translation>Das Rechenmodul ist zu langsam</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The chat makes no sense</source>
            <translation>Der Chat ergibt keinen Sinn</translation>
        </message>
        <message>
            <location filename="../core/errors.py" />
            <source>The chat is too long</source>
            <translation>Der Chat ist zu lang</translation>
        </message>
        <message>
            <location filename="../core/messages/desktop.py" />
            <source>Lends this PC's graphics card to a pool while you are away</source>
            <translation>Leiht die Grafikkarte dieses PCs einem Pool, während Sie weg sind</translation>
        </message>
        <message>
            <location filename="../core/messages/desktop.py" />
            <source>EmbedPool invite</source>
            <translation>EmbedPool-Einladung</translation>
        </message>
        <message>
            <location filename="../core/messages/desktop.py" />
            <source>EmbedPool runs from a place that the system will remove. Move it to the Applications folder, start it from there, and try again.</source>
            <translation>EmbedPool läuft von einem Ort, den das System wieder entfernt. Legen Sie es in den Ordner „Programme“, starten Sie es von dort und versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <location filename="../ui/settings/texts.py" />
            <source>Data folder</source>
            <translation>Datenordner</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Log</source>
            <translation>Protokoll</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Running EmbedPool</source>
            <translation>Laufendes EmbedPool</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Key store</source>
            <translation>Schlüsselbund</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <location filename="../ui/settings/texts.py" />
            <source>Key</source>
            <translation>Schlüssel</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/texts.py" />
            <source>Pool</source>
            <translation>Pool</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Clock</source>
            <translation>Uhr</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Invite</source>
            <translation>Einladung</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Engine</source>
            <translation>Rechenmodul</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Models</source>
            <translation>Modelle</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Computing</source>
            <translation>Rechnen</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <location filename="../core/messages/graphics.py" />
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/setup/texts.py" />
            <location filename="../ui/texts.py" />
            <source>Graphics card</source>
            <translation>Grafikkarte</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Being away</source>
            <translation>Abwesenheit</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Power</source>
            <translation>Strom</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Full screen</source>
            <translation>Vollbild</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Tray</source>
            <translation>Infobereich</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Start at log-in</source>
            <translation>Start bei der Anmeldung</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Invite links</source>
            <translation>Einladungslinks</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>The file can be read.</source>
            <translation>Die Datei ist lesbar.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>There is no file yet; the defaults apply.</source>
            <translation>Es gibt noch keine Datei; es gelten die üblichen Werte.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>The file cannot be read; the defaults apply.</source>
            <translation>Die Datei ist nicht lesbar; es gelten die üblichen Werte.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>A broken file was set aside; the defaults took its place.</source>
            <translation>Eine beschädigte Datei wurde beiseitegelegt; die üblichen Werte sind an ihre Stelle getreten.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Free some space on that disk.</source>
            <translation>Schaffen Sie Platz auf diesem Datenträger.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Make the folder yours again, or choose another one with --data-dir.</source>
            <translation>Machen Sie den Ordner wieder zu Ihrem, oder wählen Sie mit --data-dir einen anderen.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Choose your settings again; the old file ends in .bad.</source>
            <translation>Wählen Sie Ihre Einstellungen neu; die alte Datei endet auf .bad.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Choose your settings again.</source>
            <translation>Wählen Sie Ihre Einstellungen neu.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It is not running.</source>
            <translation>Es läuft nicht.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Start it from your applications, or say “run”.</source>
            <translation>Starten Sie es aus Ihren Anwendungen oder mit „run“.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It is running without windows.</source>
            <translation>Es läuft ohne Fenster.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It is running, and it can be reached.</source>
            <translation>Es läuft und ist erreichbar.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It keeps a key and gives it back.</source>
            <translation>Er bewahrt einen Schlüssel auf und gibt ihn zurück.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It is not used: the key is in a file that only you can read.</source>
            <translation>Er wird nicht benutzt: Der Schlüssel liegt in einer Datei, die nur Sie lesen können.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It does not answer; it may be asking for its password.</source>
            <translation>Er antwortet nicht; vielleicht fragt er nach seinem Passwort.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Look for a window that asks for a password, and type it.</source>
            <translation>Suchen Sie ein Fenster, das nach einem Passwort fragt, und geben Sie es ein.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It is where it belongs.</source>
            <translation>Er ist, wo er hingehört.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>This PC belongs to no pool yet.</source>
            <translation>Dieser PC gehört noch zu keinem Pool.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Join with the invite link that you got from a pool.</source>
            <translation>Treten Sie mit dem Einladungslink bei, den Sie von einem Pool bekommen haben.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Check your connection. EmbedPool goes on by itself when it is back.</source>
            <translation>Prüfen Sie Ihre Verbindung. Sobald sie wieder da ist, macht EmbedPool von selbst weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Ask the pool's operator for a new invite, and join again.</source>
            <translation>Bitten Sie den Betreiber des Pools um eine neue Einladung und treten Sie noch einmal bei.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Tell the pool's operator. EmbedPool tries again by itself.</source>
            <translation>Sagen Sie es dem Betreiber des Pools. EmbedPool versucht es von selbst wieder.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It agrees with the pool's.</source>
            <translation>Sie stimmt mit der des Pools überein.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Let your system set its clock by the network.</source>
            <translation>Lassen Sie Ihr System die Uhr über das Netz stellen.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Ollama has its models on the graphics card.</source>
            <translation>Ollama hat seine Modelle auf der Grafikkarte.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>No model is loaded now, so there is nothing to see.</source>
            <translation>Gerade ist kein Modell geladen, also ist nichts zu sehen.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>You use Ollama yourself now; EmbedPool waits for that to end.</source>
            <translation>Sie benutzen Ollama gerade selbst; EmbedPool wartet, bis das vorbei ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Free graphics memory or choose smaller models; then restart Ollama.</source>
            <translation>Geben Sie Grafikspeicher frei oder wählen Sie kleinere Modelle; starten Sie Ollama dann neu.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>None was found; the processor computes.</source>
            <translation>Es wurde keine gefunden; der Prozessor rechnet.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>If there is one, install its driver.</source>
            <translation>Falls es eine gibt, installieren Sie ihren Treiber.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <location filename="../core/messages/rules.py" />
            <source>There is no way to tell on this system.</source>
            <translation>Auf diesem System lässt es sich nicht feststellen.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Choose “Whenever the graphics card is free” in the settings.</source>
            <translation>Wählen Sie in den Einstellungen „Immer, wenn die Grafikkarte frei ist“.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>The rule about it does not hold here; the other rules do.</source>
            <translation>Diese Regel gilt hier nicht; die anderen gelten.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>On mains.</source>
            <translation>Am Stromnetz.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <location filename="../core/messages/rules.py" />
            <source>On battery.</source>
            <translation>Im Akkubetrieb.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>A program fills the screen now.</source>
            <translation>Gerade füllt ein Programm den Bildschirm.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>No program fills the screen now.</source>
            <translation>Gerade füllt kein Programm den Bildschirm.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>There is one.</source>
            <translation>Es gibt einen.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>This desktop shows no tray icons.</source>
            <translation>Dieser Desktop zeigt keine Symbole im Infobereich.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>The windows cannot be shown here.</source>
            <translation>Die Fenster können hier nicht gezeigt werden.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Open EmbedPool from your applications instead.</source>
            <translation>Öffnen Sie EmbedPool stattdessen aus Ihren Anwendungen.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Say “run --headless” to work without windows.</source>
            <translation>Mit „run --headless“ arbeitet es ohne Fenster.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>EmbedPool starts when you log in.</source>
            <translation>EmbedPool startet, wenn Sie sich anmelden.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>EmbedPool does not start when you log in.</source>
            <translation>EmbedPool startet nicht, wenn Sie sich anmelden.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>They open EmbedPool.</source>
            <translation>Sie öffnen EmbedPool.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Nothing opens them yet; paste them instead.</source>
            <translation>Noch öffnet sie nichts; fügen Sie sie stattdessen ein.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Another program opens them; paste them instead.</source>
            <translation>Ein anderes Programm öffnet sie; fügen Sie sie stattdessen ein.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{path} can be written; {free} GB are free.</source>
            <translation>{path} ist beschreibbar; {free} GB sind frei.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>There is almost no room for {path}: {free} MB are free.</source>
            <translation>Für {path} ist fast kein Platz mehr: {free} MB sind frei.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{path} cannot be written: {why}.</source>
            <translation>{path} ist nicht beschreibbar: {why}.</translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/doctor.py" />
            <source>{path}; {n} errors in its newest lines.</source>
            <extracomment>{path}; {n} error in its newest lines.</extracomment>
            <translation>
                <numerusform>{path}; {n} Fehler in den neuesten Zeilen.</numerusform>
                <numerusform>{path}; {n} Fehler in den neuesten Zeilen.</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{pool} at {host} knows this PC.</source>
            <translation>{pool} auf {host} kennt diesen PC.</translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/doctor.py" />
            <source>It is off by {n} minutes; connections can fail for that.</source>
            <extracomment>It is off by {n} minute; connections can fail for that.</extracomment>
            <translation>
                <numerusform>Sie geht um {n} Minute falsch; daran können Verbindungen scheitern.</numerusform>
                <numerusform>Sie geht um {n} Minuten falsch; daran können Verbindungen scheitern.</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It leads to {pool} at {host}, and can be used.</source>
            <translation>Sie führt zu {pool} auf {host} und ist gültig.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{name} {version} answers.</source>
            <translation>{name} {version} antwortet.</translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/doctor.py" />
            <source>{n} models: {names}.</source>
            <extracomment>{n} model: {names}.</extracomment>
            <translation>
                <numerusform>{n} Modell: {names}.</numerusform>
                <numerusform>{n} Modelle: {names}.</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>Only {percent} % of {model} fits on the graphics card.</source>
            <translation>Nur {percent} % von {model} passen auf die Grafikkarte.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{model} runs on the processor, not on the graphics card.</source>
            <translation>{model} läuft auf dem Prozessor, nicht auf der Grafikkarte.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{name} tells how busy it is.</source>
            <translation>{name} meldet, wie ausgelastet sie ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{name} does not tell how busy it is.</source>
            <translation>{name} meldet nicht, wie ausgelastet sie ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>{name} sleeps to save the battery, and is not woken.</source>
            <translation>{name} schläft, um den Akku zu schonen, und wird nicht geweckt.</translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/doctor.py" />
            <source>Not touched for {n} seconds, by {source}.</source>
            <extracomment>Not touched for {n} second, by {source}.</extracomment>
            <translation>
                <numerusform>Seit {n} Sekunde unberührt, laut {source}.</numerusform>
                <numerusform>Seit {n} Sekunden unberührt, laut {source}.</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../core/messages/doctor.py" />
            <source>It cannot be told: {why}</source>
            <translation>Es lässt sich nicht feststellen: {why}</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>Another model is being downloaded. Wait for it, or stop it first.</source>
            <translation>Gerade wird ein anderes Modell heruntergeladen. Warten Sie darauf, oder halten Sie es zuerst an.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>Stopped. What has arrived is kept: the next download goes on from there.</source>
            <translation>Angehalten. Was da ist, bleibt: Das nächste Herunterladen macht dort weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>The connection to Ollama broke off. What has arrived is kept: download again, and it goes on from there.</source>
            <translation>Die Verbindung zu Ollama ist abgebrochen. Was da ist, bleibt: Laden Sie noch einmal herunter, dann geht es dort weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>Ollama cannot reach its library. Check this PC's connection, then download again; it goes on where it stopped.</source>
            <translation>Ollama erreicht seine Bibliothek nicht. Prüfen Sie die Verbindung dieses PCs und laden Sie dann noch einmal herunter; es geht dort weiter, wo es aufgehört hat.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>“{name}” is not a model's name. It looks like nomic-embed-text or qwen2.5:7b.</source>
            <translation>„{name}“ ist kein Name eines Modells. Ein solcher sieht aus wie nomic-embed-text oder qwen2.5:7b.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>There is no model {model} in Ollama's library. Check its name.</source>
            <translation>In der Bibliothek von Ollama gibt es kein Modell {model}. Prüfen Sie den Namen.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>The disk is full: {model} could not be stored. Make room, then download again; it goes on where it stopped.</source>
            <translation>Der Datenträger ist voll: {model} ließ sich nicht speichern. Schaffen Sie Platz und laden Sie dann noch einmal herunter; es geht dort weiter, wo es aufgehört hat.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>Nothing has arrived for {seconds} s. Check this PC's connection, then download again; it goes on where it stopped.</source>
            <translation>Seit {seconds} s ist nichts angekommen. Prüfen Sie die Verbindung dieses PCs und laden Sie dann noch einmal herunter; es geht dort weiter, wo es aufgehört hat.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>{model} needs a newer Ollama than the one on this PC. Update Ollama first.</source>
            <translation>{model} braucht ein neueres Ollama als das auf diesem PC. Aktualisieren Sie zuerst Ollama.</translation>
        </message>
        <message>
            <location filename="../core/messages/download.py" />
            <source>{model} could not be downloaded: {reason}.</source>
            <translation>{model} ließ sich nicht herunterladen: {reason}.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>No engine is switched on.</source>
            <translation>Es ist kein Rechenmodul eingeschaltet.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama has no embedding model, and chat is switched off. Get one, for example with “ollama pull nomic-embed-text”.</source>
            <translation>Ollama hat kein Embedding-Modell, und Chats sind ausgeschaltet. Holen Sie eines, zum Beispiel mit „ollama pull nomic-embed-text“.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama has no model. Get one, for example with “ollama pull nomic-embed-text”.</source>
            <translation>Ollama hat kein Modell. Holen Sie eines, zum Beispiel mit „ollama pull nomic-embed-text“.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The embedded engine needs the package “tokenizers”, which is not installed.</source>
            <translation>Das eingebaute Rechenmodul braucht das Paket „tokenizers“, das nicht installiert ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The embedded engine needs the package “wordllama” for its data, which is not installed.</source>
            <translation>Das eingebaute Rechenmodul braucht für seine Daten das Paket „wordllama“, das nicht installiert ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama was not found on this PC. Install it from https://ollama.com, then try again.</source>
            <translation>Auf diesem PC wurde kein Ollama gefunden. Installieren Sie es von https://ollama.com und versuchen Sie es dann noch einmal.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The model computed no usable vector for this text (NaN or infinite values).</source>
            <translation>Das Modell hat für diesen Text keinen brauchbaren Vektor berechnet (NaN oder unendliche Werte).</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The text is longer than the model can read.</source>
            <translation>Der Text ist länger, als das Modell lesen kann.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine broke on this text, twice. It is probably longer than the model can read.</source>
            <translation>Das Rechenmodul ist an diesem Text zweimal gescheitert. Er ist wohl länger, als das Modell lesen kann.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>This PC did not finish in the time that the pool allows.</source>
            <translation>Dieser PC wurde nicht in der Zeit fertig, die der Pool erlaubt.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine breaks on one text after the other.</source>
            <translation>Das Rechenmodul scheitert an einem Text nach dem anderen.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine gave vectors of different lengths.</source>
            <translation>Das Rechenmodul hat verschieden lange Vektoren geliefert.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine gave a vector that is not of length 1.</source>
            <translation>Das Rechenmodul hat einen Vektor geliefert, dessen Länge nicht 1 ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The chat is longer than the model can read.</source>
            <translation>Der Chat ist länger, als das Modell lesen kann.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine cannot make sense of this chat.</source>
            <translation>Das Rechenmodul kann mit diesem Chat nichts anfangen.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine cannot answer in this format: it must be “json” or a JSON schema that it knows.</source>
            <translation>Das Rechenmodul kann in diesem Format nicht antworten: Es muss „json“ oder ein ihm bekanntes JSON-Schema sein.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine's answer broke off before its end.</source>
            <translation>Die Antwort des Rechenmoduls ist vor ihrem Ende abgebrochen.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The engine's answer has no end in sight and was stopped.</source>
            <translation>Die Antwort des Rechenmoduls nahm kein Ende und wurde angehalten.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama is not running (nothing answers at {url}). Start Ollama and EmbedPool goes on by itself.</source>
            <translation>Ollama läuft nicht (unter {url} antwortet nichts). Starten Sie Ollama, dann macht EmbedPool von selbst weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama does not answer (at {url}), though it is running. Quit Ollama and start it again; EmbedPool goes on by itself.</source>
            <translation>Ollama antwortet nicht (unter {url}), obwohl es läuft. Beenden Sie Ollama und starten Sie es neu; EmbedPool macht dann von selbst weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama answers with errors (HTTP {status}). Quit Ollama and start it again; EmbedPool goes on by itself.</source>
            <translation>Ollama antwortet mit Fehlern (HTTP {status}). Beenden Sie Ollama und starten Sie es neu; EmbedPool macht dann von selbst weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama is too old ({version}); {needed} or newer is needed.</source>
            <translation>Ollama ist zu alt ({version}); nötig ist {needed} oder neuer.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>You are using Ollama yourself: {model} is loaded.</source>
            <translation>Sie benutzen Ollama selbst: {model} ist geladen.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Every model here is larger than the {gigabytes} GB that you allow.</source>
            <translation>Jedes Modell hier ist größer als die {gigabytes} GB, die Sie erlauben.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama runs {model} on the processor, not on the graphics card. It works, but slowly; Ollama's log says why.</source>
            <translation>Ollama rechnet {model} auf dem Prozessor, nicht auf der Grafikkarte. Das geht, aber langsam; der Grund steht im Protokoll von Ollama.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama has lost the graphics card: {model} now runs on the processor. Quit Ollama and start it again; EmbedPool goes on by itself.</source>
            <translation>Ollama hat die Grafikkarte verloren: {model} läuft jetzt auf dem Prozessor. Beenden Sie Ollama und starten Sie es neu; EmbedPool macht dann von selbst weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>What answers at Ollama's address does not answer as Ollama does ({what}).</source>
            <translation>Was unter der Adresse von Ollama antwortet, antwortet nicht wie Ollama ({what}).</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama could not compute it (HTTP {status}).</source>
            <translation>Ollama konnte es nicht berechnen (HTTP {status}).</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The model {model} is missing.</source>
            <translation>Das Modell {model} fehlt.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>None of the chosen models is there: {models}.</source>
            <translation>Keines der gewählten Modelle ist da: {models}.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The model {model} does not support {ability}.</source>
            <translation>Das Modell {model} kann {ability} nicht.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The {engine} engine has no models that chat.</source>
            <translation>Das Rechenmodul {engine} hat keine Modelle, die chatten.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>There is not enough memory for the model {model}.</source>
            <translation>Für das Modell {model} reicht der Speicher nicht.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>The embedded engine's data cannot be read: {reason}.</source>
            <translation>Die Daten des eingebauten Rechenmoduls sind nicht lesbar: {reason}.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama's address, {url}, is not this PC. Start Ollama over there.</source>
            <translation>Die Adresse von Ollama, {url}, ist nicht dieser PC. Starten Sie Ollama dort.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama ({program}) could not be started: {reason}.</source>
            <translation>Ollama ({program}) ließ sich nicht starten: {reason}.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama ({program}) was started and ended at once, with code {code}. Start it yourself to see why.</source>
            <translation>Ollama ({program}) wurde gestartet und endete sofort, mit Code {code}. Starten Sie es selbst, um zu sehen, warum.</translation>
        </message>
        <message>
            <location filename="../core/messages/engine.py" />
            <source>Ollama was started, but does not answer at {url} after {seconds} s. EmbedPool goes on by itself when it does.</source>
            <translation>Ollama wurde gestartet, antwortet aber nach {seconds} s nicht unter {url}. EmbedPool macht von selbst weiter, sobald es antwortet.</translation>
        </message>
        <message>
            <location filename="../core/messages/graphics.py" />
            <source>NVIDIA graphics card</source>
            <translation>NVIDIA-Grafikkarte</translation>
        </message>
        <message>
            <location filename="../core/messages/graphics.py" />
            <source>AMD graphics card</source>
            <translation>AMD-Grafikkarte</translation>
        </message>
        <message>
            <location filename="../core/messages/graphics.py" />
            <source>The NVIDIA driver was updated. Restart this PC to go on.</source>
            <translation>Der NVIDIA-Treiber wurde aktualisiert. Starten Sie diesen PC neu, damit es weitergeht.</translation>
        </message>
        <message>
            <location filename="../core/messages/graphics.py" />
            <source>The NVIDIA driver lets this program see nothing of the graphics card.</source>
            <translation>Der NVIDIA-Treiber lässt dieses Programm nichts von der Grafikkarte sehen.</translation>
        </message>
        <message>
            <location filename="../core/messages/graphics.py" />
            <source>Windows' counters do not tell how busy the graphics card is.</source>
            <translation>Die Zähler von Windows melden nicht, wie ausgelastet die Grafikkarte ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/graphics.py" />
            <source>macOS does not tell how busy the graphics card is.</source>
            <translation>macOS meldet nicht, wie ausgelastet die Grafikkarte ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/graphics.py" />
            <source>The NVIDIA driver does not answer as it should ({reason}).</source>
            <translation>Der NVIDIA-Treiber antwortet nicht, wie er sollte ({reason}).</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>This is not an invite link. It looks like https://pool.example.org/join/… or embedpool://join?server=…&amp;code=….</source>
            <translation>Das ist kein Einladungslink. Ein solcher sieht aus wie https://pool.example.org/join/… oder embedpool://join?server=…&amp;code=….</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>This is only an invite's code. Give the pool's address too.</source>
            <translation>Das ist nur der Code einer Einladung. Geben Sie auch die Adresse des Pools an.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>The system's key store is locked. Unlock it with its password and try again, or keep the key in a file that only you can read.</source>
            <translation>Der Schlüsselbund des Systems ist gesperrt. Entsperren Sie ihn mit seinem Passwort und versuchen Sie es noch einmal, oder bewahren Sie den Schlüssel in einer Datei auf, die nur Sie lesen können.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>the system's key store</source>
            <translation>der Schlüsselbund des Systems</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>Say it with --server.</source>
            <translation>Geben Sie sie mit --server an.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>Choose another folder with --data-dir.</source>
            <translation>Wählen Sie mit --data-dir einen anderen Ordner.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>To insist, say --insecure-http.</source>
            <translation>Wenn Sie darauf bestehen: --insecure-http.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>Run “leave” first, then join again.</source>
            <translation>Rufen Sie zuerst „leave“ auf und treten Sie dann noch einmal bei.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>To keep the key in a file, join with --key-file.</source>
            <translation>Um den Schlüssel in einer Datei aufzubewahren, treten Sie mit --key-file bei.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>Run “join” with the link.</source>
            <translation>Rufen Sie „join“ mit dem Link auf.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>The folder {folder} cannot be used: {why}.</source>
            <translation>Der Ordner {folder} ist nicht benutzbar: {why}.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>An agent is already running with the folder {folder}.</source>
            <translation>Mit dem Ordner {folder} läuft schon ein EmbedPool.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>“{address}” is not a server's address. It looks like https://pool.example.org.</source>
            <translation>„{address}“ ist keine Adresse eines Servers. Eine solche sieht aus wie https://pool.example.org.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>The address of {host} begins with http://, so anybody on the way could read the texts and this PC's key. Ask the pool for an address that begins with https://.</source>
            <translation>Die Adresse von {host} beginnt mit http://. Damit könnte jeder auf dem Weg die Texte und den Schlüssel dieses PCs mitlesen. Bitten Sie den Pool um eine Adresse, die mit https:// beginnt.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>This PC already belongs to a pool ({host}).</source>
            <translation>Dieser PC gehört schon zu einem Pool ({host}).</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>This PC belongs to the pool at {host}, not to {wanted}.</source>
            <translation>Dieser PC gehört zum Pool auf {host}, nicht zu {wanted}.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>The key could not be stored: no key store was found ({backend}). Install gnome-keyring or KWallet, or keep the key in a file that only you can read.</source>
            <translation>Der Schlüssel ließ sich nicht aufbewahren: Es wurde kein Schlüsselbund gefunden ({backend}). Installieren Sie gnome-keyring oder KWallet, oder bewahren Sie den Schlüssel in einer Datei auf, die nur Sie lesen können.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>The key could not be stored: this PC's key store ({backend}) does not keep secrets safe. Set up gnome-keyring or KWallet, or keep the key in a file that only you can read.</source>
            <translation>Der Schlüssel ließ sich nicht aufbewahren: Der Schlüsselbund dieses PCs ({backend}) schützt Geheimnisse nicht. Richten Sie gnome-keyring oder KWallet ein, oder bewahren Sie den Schlüssel in einer Datei auf, die nur Sie lesen können.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>The key could not be stored: this PC's key store ({backend}) took a trial entry and did not give it back. Keep the key in a file that only you can read.</source>
            <translation>Der Schlüssel ließ sich nicht aufbewahren: Der Schlüsselbund dieses PCs ({backend}) hat einen Probeeintrag angenommen und nicht zurückgegeben. Bewahren Sie den Schlüssel in einer Datei auf, die nur Sie lesen können.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>The system's key store did not answer as it should: {reason}. Try again, or keep the key in a file that only you can read.</source>
            <translation>Der Schlüsselbund des Systems hat nicht geantwortet, wie er sollte: {reason}. Versuchen Sie es noch einmal, oder bewahren Sie den Schlüssel in einer Datei auf, die nur Sie lesen können.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>This PC's key is not in {place} any more. Leave the pool and join it again.</source>
            <translation>Der Schlüssel dieses PCs ist nicht mehr an seinem Ort: {place}. Verlassen Sie den Pool und treten Sie ihm noch einmal bei.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>the file {path}</source>
            <translation>die Datei {path}</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>Other users of this PC can read the key file {path}. Run “chmod 600” on it, or join again.</source>
            <translation>Andere Benutzer dieses PCs können die Schlüsseldatei {path} lesen. Wenden Sie „chmod 600“ darauf an, oder treten Sie noch einmal bei.</translation>
        </message>
        <message>
            <location filename="../core/messages/joining.py" />
            <source>This PC already belongs to {pool} ({host}).</source>
            <translation>Dieser PC gehört schon zu {pool} ({host}).</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>You are using this PC.</source>
            <translation>Sie benutzen diesen PC.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>A full-screen app is running.</source>
            <translation>Eine App läuft im Vollbild.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>The internet connection costs by the byte (metered).</source>
            <translation>Die Internetverbindung ist getaktet (sie kostet nach Menge).</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Somebody uses this PC from another one.</source>
            <translation>Jemand benutzt diesen PC von einem anderen aus.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>The graphics card sleeps to save the battery.</source>
            <translation>Die Grafikkarte schläft, um den Akku zu schonen.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Only when you press Work now.</source>
            <translation>Nur, wenn Sie auf „Jetzt arbeiten“ drücken.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Looking at what else this PC is doing.</source>
            <translation>Sieht nach, was dieser PC sonst noch tut.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Your hours leave no time for work. Choose some in the settings.</source>
            <translation>Ihre Stunden lassen keine Zeit zum Arbeiten. Wählen Sie welche in den Einstellungen.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>The graphics card does not tell while EmbedPool uses it.</source>
            <translation>Die Grafikkarte meldet es nicht, während EmbedPool sie benutzt.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>It has not been looked at yet.</source>
            <translation>Es wurde noch nicht nachgesehen.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>The system does not answer.</source>
            <translation>Das System antwortet nicht.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>The last answer of the system is too old.</source>
            <translation>Die letzte Antwort des Systems ist zu alt.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Asking the system failed ({what}).</source>
            <translation>Die Frage an das System ist gescheitert ({what}).</translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/rules.py" />
            <source>Starts after {n} minutes without keyboard or mouse, in {left} min.</source>
            <extracomment>Starts after {n} minute without keyboard or mouse, in {left} min.</extracomment>
            <translation>
                <numerusform>Beginnt nach {n} Minute ohne Tastatur und Maus, in {left} min.</numerusform>
                <numerusform>Beginnt nach {n} Minuten ohne Tastatur und Maus, in {left} min.</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>EmbedPool cannot tell when you are away on this desktop: {why}</source>
            <translation>EmbedPool kann auf diesem Desktop nicht erkennen, ob Sie weg sind: {why}</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>EmbedPool cannot tell whether another program uses the graphics card: {why}</source>
            <translation>EmbedPool kann nicht erkennen, ob ein anderes Programm die Grafikkarte benutzt: {why}</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Another program is using the graphics card ({percent} %).</source>
            <translation>Ein anderes Programm benutzt die Grafikkarte ({percent} %).</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Other programs are using the processor ({percent} %).</source>
            <translation>Andere Programme benutzen den Prozessor ({percent} %).</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>The graphics card is hot ({celsius} °C).</source>
            <translation>Die Grafikkarte ist heiß ({celsius} °C).</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Outside your hours, until {time}.</source>
            <translation>Außerhalb Ihrer Stunden, bis {time}.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>{program} is running.</source>
            <translation>{program} läuft.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>{program} keeps the screen on, as films and calls do.</source>
            <translation>{program} hält den Bildschirm wach, wie es Filme und Anrufe tun.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>Not enough free graphics memory: {free} GB of {needed} GB.</source>
            <translation>Zu wenig freier Grafikspeicher: {free} GB von {needed} GB.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>{reason} That seems to be over; work goes on at {time} if it is.</source>
            <translation>{reason} Das scheint vorbei zu sein; wenn es so bleibt, geht die Arbeit um {time} weiter.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>EmbedPool cannot keep this PC awake: it was refused by {asked}.</source>
            <translation>EmbedPool kann diesen PC nicht wach halten: {asked} hat es abgelehnt.</translation>
        </message>
        <message>
            <location filename="../core/messages/rules.py" />
            <source>EmbedPool cannot keep this PC awake: the system offers no way.</source>
            <translation>EmbedPool kann diesen PC nicht wach halten: Das System bietet keinen Weg dafür.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>To work without windows, say “run --headless”.</source>
            <translation>Mit „run --headless“ arbeitet es ohne Fenster.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>There is no screen here to show windows on.</source>
            <translation>Hier gibt es keinen Bildschirm für Fenster.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>EmbedPool is running already; it shows its window now.</source>
            <translation>EmbedPool läuft schon; es zeigt jetzt sein Fenster.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>EmbedPool is running already.</source>
            <translation>EmbedPool läuft schon.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>EmbedPool is running already; it shows the invite now.</source>
            <translation>EmbedPool läuft schon; es zeigt jetzt die Einladung.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>EmbedPool has ended.</source>
            <translation>EmbedPool ist beendet.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>EmbedPool is not running.</source>
            <translation>EmbedPool läuft nicht.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>EmbedPool was asked to end and has not done so yet.</source>
            <translation>EmbedPool wurde gebeten, sich zu beenden, und hat es noch nicht getan.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>The windows cannot be shown: {reason}.</source>
            <translation>Die Fenster können nicht gezeigt werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>An agent without windows is running with the folder {folder}. End it where it was started, then try again.</source>
            <translation>Mit dem Ordner {folder} läuft ein EmbedPool ohne Fenster. Beenden Sie es dort, wo es gestartet wurde, und versuchen Sie es dann noch einmal.</translation>
        </message>
        <message>
            <location filename="../core/messages/running.py" />
            <source>Working now, until {time} at the latest, even while you use this PC.</source>
            <translation>Arbeitet jetzt, höchstens bis {time}, auch während Sie diesen PC benutzen.</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>GNOME's idle monitor</source>
            <translation>die Leerlaufanzeige von GNOME</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>Cinnamon's idle monitor</source>
            <translation>die Leerlaufanzeige von Cinnamon</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the Wayland compositor (ext-idle-notify)</source>
            <translation>der Wayland-Compositor (ext-idle-notify)</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>X11 screen saver</source>
            <translation>der X11-Bildschirmschoner</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the desktop's screen saver</source>
            <translation>der Bildschirmschoner des Desktops</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the system's login service</source>
            <translation>der Anmeldedienst des Systems</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>Windows</source>
            <translation>Windows</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>macOS</source>
            <translation>macOS</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>a program</source>
            <translation>ein Programm</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>no desktop session was found</source>
            <translation>es wurde keine Desktop-Sitzung gefunden</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>no window manager says which window is in front</source>
            <translation>kein Fenstermanager sagt, welches Fenster vorn ist</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>there is no X server on this PC to ask</source>
            <translation>auf diesem PC gibt es keinen X-Server, den man fragen könnte</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the X server does not answer</source>
            <translation>der X-Server antwortet nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the X server has no screen saver extension</source>
            <translation>dem X-Server fehlt die Erweiterung für Bildschirmschoner</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the Wayland compositor does not answer</source>
            <translation>der Wayland-Compositor antwortet nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the Wayland compositor cannot be found</source>
            <translation>der Wayland-Compositor ist nicht zu finden</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the library for Wayland is missing on this kind of PC</source>
            <translation>die Bibliothek für Wayland fehlt auf dieser Art von PC</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the Wayland compositor does not offer ext-idle-notify</source>
            <translation>der Wayland-Compositor bietet ext-idle-notify nicht an</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>under Wayland, programs cannot see each other's windows</source>
            <translation>unter Wayland sehen Programme die Fenster anderer Programme nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>sway does not answer</source>
            <translation>sway antwortet nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the desktop gives an idle time that cannot be true</source>
            <translation>der Desktop nennt eine Leerlaufzeit, die nicht stimmen kann</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the desktop's idle time stands still</source>
            <translation>die Leerlaufzeit des Desktops steht still</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the desktop's idle time is always zero</source>
            <translation>die Leerlaufzeit des Desktops ist immer null</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>this desktop never tells the system whether you are away</source>
            <translation>dieser Desktop sagt dem System nie, ob Sie weg sind</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>the system's login service knows no session of yours</source>
            <translation>der Anmeldedienst des Systems kennt keine Sitzung von Ihnen</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>NetworkManager does not know it either</source>
            <translation>auch NetworkManager weiß es nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>Windows does not answer</source>
            <translation>Windows antwortet nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>macOS does not answer</source>
            <translation>macOS antwortet nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>macOS tells only some programs</source>
            <translation>macOS sagt es nur manchen Programmen</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>nobody is logged in at this Mac's screen</source>
            <translation>am Bildschirm dieses Macs ist niemand angemeldet</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>there is no D-Bus {which} bus</source>
            <translation>es gibt keinen D-Bus ({which})</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>{service} is not there</source>
            <translation>{service} ist nicht da</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>{service} does not answer</source>
            <translation>{service} antwortet nicht</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>{service} answered an error ({error})</source>
            <translation>{service} hat mit einem Fehler geantwortet ({error})</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>{service} answered something odd</source>
            <translation>{service} hat etwas Seltsames geantwortet</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>EmbedPool cannot tell when you are away on this desktop ({why}).</source>
            <translation>EmbedPool kann auf diesem Desktop nicht erkennen, ob Sie weg sind ({why}).</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>EmbedPool cannot tell whether a program keeps the screen on ({why}).</source>
            <translation>EmbedPool kann nicht erkennen, ob ein Programm den Bildschirm wach hält ({why}).</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>EmbedPool cannot tell whether an app is full screen ({why}).</source>
            <translation>EmbedPool kann nicht erkennen, ob eine App im Vollbild läuft ({why}).</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>EmbedPool cannot tell whether the screen is locked ({why}).</source>
            <translation>EmbedPool kann nicht erkennen, ob der Bildschirm gesperrt ist ({why}).</translation>
        </message>
        <message>
            <location filename="../core/messages/sensors.py" />
            <source>EmbedPool cannot tell whether the network is metered ({why}).</source>
            <translation>EmbedPool kann nicht erkennen, ob das Netz getaktet ist ({why}).</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>it does not answer in time</source>
            <translation>es antwortet nicht rechtzeitig</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>nothing answers there</source>
            <translation>dort antwortet nichts</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>the connection broke</source>
            <translation>die Verbindung ist abgebrochen</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>The pool's server did not say what became of the results.</source>
            <translation>Der Server des Pools hat nicht gesagt, was aus den Ergebnissen geworden ist.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>The pool refused this PC's key ({reason}). Join again with a new invite.</source>
            <translation>Der Pool hat den Schlüssel dieses PCs abgelehnt ({reason}). Treten Sie mit einer neuen Einladung noch einmal bei.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>Cannot reach {host}: {reason}. Check your connection.</source>
            <translation>{host} ist nicht erreichbar: {reason}. Prüfen Sie Ihre Verbindung.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>The certificate of {host} is not trusted: {reason}.</source>
            <translation>Das Zertifikat von {host} ist nicht vertrauenswürdig: {reason}.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>The certificate of {host} is not trusted: {reason}. This PC's clock says {now}; if that is wrong, set it right.</source>
            <translation>Das Zertifikat von {host} ist nicht vertrauenswürdig: {reason}. Die Uhr dieses PCs zeigt {now}; wenn das falsch ist, stellen Sie sie richtig.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>This PC's clock is slow by {how_much}. Set it right, or connections may fail.</source>
            <translation>Die Uhr dieses PCs geht um {how_much} nach. Stellen Sie sie richtig, sonst können Verbindungen scheitern.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>This PC's clock is fast by {how_much}. Set it right, or connections may fail.</source>
            <translation>Die Uhr dieses PCs geht um {how_much} vor. Stellen Sie sie richtig, sonst können Verbindungen scheitern.</translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/server.py" />
            <location filename="../ui/settings/texts.py" />
            <source>{n} minutes</source>
            <extracomment>{n} minute</extracomment>
            <translation>
                <numerusform>{n} Minute</numerusform>
                <numerusform>{n} Minuten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/server.py" />
            <source>{n} hours</source>
            <extracomment>{n} hour</extracomment>
            <translation>
                <numerusform>{n} Stunde</numerusform>
                <numerusform>{n} Stunden</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/server.py" />
            <source>{n} days</source>
            <extracomment>{n} day</extracomment>
            <translation>
                <numerusform>{n} Tag</numerusform>
                <numerusform>{n} Tage</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>{host} sends us to another address, and that is never followed. Check the pool's address.</source>
            <translation>{host} verweist auf eine andere Adresse, und dem wird nie gefolgt. Prüfen Sie die Adresse des Pools.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>{host} answered something that this version does not understand ({what}).</source>
            <translation>{host} hat etwas geantwortet, das diese Version nicht versteht ({what}).</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>{host} is busy and asks us to come back later.</source>
            <translation>{host} ist überlastet und bittet darum, später wiederzukommen.</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>{host} had an internal error (HTTP {status}).</source>
            <translation>{host} hatte einen internen Fehler (HTTP {status}).</translation>
        </message>
        <message>
            <location filename="../core/messages/server.py" />
            <source>This version of the agent cannot do tasks of the kind “{kind}”.</source>
            <translation>Diese Version kann Aufgaben der Art „{kind}“ nicht.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>This PC belongs to no pool yet. Join one with the invite link that you got from it.</source>
            <translation>Dieser PC gehört noch zu keinem Pool. Treten Sie einem bei, mit dem Einladungslink, den Sie von ihm bekommen haben.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Paused until you resume. Your PC takes no work.</source>
            <translation>Pause, bis Sie fortsetzen. Ihr PC nimmt keine Arbeit an.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Finishing what is under way, then paused.</source>
            <translation>Macht noch fertig, was läuft, dann Pause.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Ready. The queue is empty.</source>
            <translation>Bereit. Die Warteschlange ist leer.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Resumed. Your PC takes work again.</source>
            <translation>Fortgesetzt. Ihr PC nimmt wieder Arbeit an.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>It was not paused.</source>
            <translation>Es war keine Pause.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>EmbedPool is not running on this PC.</source>
            <translation>EmbedPool läuft auf diesem PC nicht.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>This PC has left the pool.</source>
            <translation>Dieser PC hat den Pool verlassen.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Starting.</source>
            <translation>Startet.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>The agent has been stopped.</source>
            <translation>EmbedPool wurde angehalten.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>The agent made a mistake; its log has the details.</source>
            <translation>EmbedPool hat einen Fehler gemacht; Genaueres steht im Protokoll.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>the pool uses another version of the model</source>
            <translation>der Pool eine andere Version des Modells benutzt</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>this PC could not do them before</source>
            <translation>dieser PC sie schon einmal nicht konnte</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>they need models that this PC does not have</source>
            <translation>sie Modelle brauchen, die dieser PC nicht hat</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>the pool gives them only to PCs that its operator knows</source>
            <translation>der Pool sie nur PCs gibt, die sein Betreiber kennt</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>this PC has as much as it said it can do</source>
            <translation>dieser PC so viel hat, wie er angeboten hat</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>the pool paused this PC</source>
            <translation>der Pool diesen PC pausiert hat</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>{problem} Trying again in {seconds} s.</source>
            <translation>{problem} Nächster Versuch in {seconds} s.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Paused until {time}. Your PC takes no work.</source>
            <translation>Pause bis {time}. Ihr PC nimmt keine Arbeit an.</translation>
        </message>
        <message numerus="yes">
            <location filename="../core/messages/states.py" />
            <source>Working: {model} · {n} texts per minute</source>
            <extracomment>Working: {model} · {n} text per minute</extracomment>
            <translation>
                <numerusform>Arbeitet: {model} · {n} Text pro Minute</numerusform>
                <numerusform>Arbeitet: {model} · {n} Texte pro Minute</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Working: {model} answers a chat, for {seconds} s now</source>
            <translation>Arbeitet: {model} antwortet in einem Chat, seit {seconds} s</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Ready. Tasks wait, but not for this PC: {reasons}.</source>
            <translation>Bereit. Es warten Aufgaben, aber nicht für diesen PC: {reasons}.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Ready, but the pool's operator has paused this PC.</source>
            <translation>Bereit, aber der Betreiber des Pools hat diesen PC pausiert.</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <location filename="../ui/notices.py" />
            <source>{problem}</source>
            <translation>{problem}</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>{count} because {why}</source>
            <translation>{count}, weil {why}</translation>
        </message>
        <message>
            <location filename="../core/messages/states.py" />
            <source>Ready, but the pool's operator has paused this PC: {why}</source>
            <translation>Bereit, aber der Betreiber des Pools hat diesen PC pausiert: {why}</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <location filename="../ui/texts.py" />
            <source>About EmbedPool Agent</source>
            <translation>Über EmbedPool Agent</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>EmbedPool Agent</source>
            <translation>EmbedPool Agent</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Lends this PC's graphics card to a pool while you do not need it.</source>
            <translation>Leiht die Grafikkarte dieses PCs einem Pool, solange Sie sie nicht brauchen.</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>EmbedPool is free software under the Apache License 2.0.</source>
            <translation>EmbedPool ist freie Software unter der Apache-Lizenz 2.0.</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Made with</source>
            <translation>Gemacht mit</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Qt and PySide6 are used under the LGPL 3. They lie beside the program as files of their own, so you may put other versions in their place.</source>
            <translation>Qt und PySide6 werden unter der LGPL 3 benutzt. Sie liegen als eigene Dateien neben dem Programm, Sie dürfen also andere Versionen an ihre Stelle setzen.</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Programs of others, with their licences</source>
            <translation>Programme anderer, mit ihren Lizenzen</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Copy &amp;diagnostics</source>
            <translation>&amp;Diagnose kopieren</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <location filename="../ui/settings/texts.py" />
            <source>Copied. It contains no key and no text that was computed.</source>
            <translation>Kopiert. Darin steht kein Schlüssel und kein Text, der berechnet wurde.</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <location filename="../ui/leave_dialog.py" />
            <source>&amp;Close</source>
            <translation>&amp;Schließen</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Version</source>
            <translation>Version</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Licence</source>
            <translation>Lizenz</translation>
        </message>
        <message>
            <location filename="../ui/about.py" />
            <source>Version {version}</source>
            <translation>Version {version}</translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <source>{d} days</source>
            <translation>{d} Tage</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/amounts.py" />
            <source>{n} days ago</source>
            <extracomment>{n} day ago</extracomment>
            <translation>
                <numerusform>vor {n} Tag</numerusform>
                <numerusform>vor {n} Tagen</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <source>Away for {time}</source>
            <translation>Abwesend: {time}</translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <source>about {kwh} kWh</source>
            <translation>etwa {kwh} kWh</translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <location filename="../ui/ran_table.py" />
            <source>{s} s</source>
            <translation>{s} s</translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <source>{m} min</source>
            <translation>{m} min</translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <source>{h} h {m} min</source>
            <translation>{h} h {m} min</translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <source>less than a minute ago</source>
            <translation>vor weniger als einer Minute</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/amounts.py" />
            <source>{n} minutes ago</source>
            <extracomment>{n} minute ago</extracomment>
            <translation>
                <numerusform>vor {n} Minute</numerusform>
                <numerusform>vor {n} Minuten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/amounts.py" />
            <source>{n} hours ago</source>
            <extracomment>{n} hour ago</extracomment>
            <translation>
                <numerusform>vor {n} Stunde</numerusform>
                <numerusform>vor {n} Stunden</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/amounts.py" />
            <source>about {wh} Wh</source>
            <translation>etwa {wh} Wh</translation>
        </message>
        <message>
            <location filename="../ui/autostart_switch.py" />
            <source>Your system's own settings keep EmbedPool from starting at log-in. Only you can switch it on there.</source>
            <translation>Die Einstellungen Ihres Systems verhindern, dass EmbedPool bei der Anmeldung startet. Nur Sie können es dort einschalten.</translation>
        </message>
        <message>
            <location filename="../ui/autostart_switch.py" />
            <source>The start at log-in could not be changed: {why}.</source>
            <translation>Der Start bei der Anmeldung ließ sich nicht ändern: {why}.</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{used} of {total} GB in use, {held} by EmbedPool</source>
            <translation>{used} von {total} GB belegt, {held} von EmbedPool</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/setup/texts.py" />
            <source>Downloading {model}</source>
            <translation>{model} wird heruntergeladen</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{done} of {total} MB, {percent} %</source>
            <translation>{done} von {total} MB, {percent} %</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/card_texts.py" />
            <source>{n} texts in the queue</source>
            <extracomment>{n} text in the queue</extracomment>
            <translation>
                <numerusform>{n} Text in der Warteschlange</numerusform>
                <numerusform>{n} Texte in der Warteschlange</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/card_texts.py" />
            <source>{n} PCs online</source>
            <extracomment>{n} PC online</extracomment>
            <translation>
                <numerusform>{n} PC online</numerusform>
                <numerusform>{n} PCs online</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{used} GB of this PC's memory in use</source>
            <translation>{used} GB vom Speicher dieses PCs belegt</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{used} of {total} GB in use, none by EmbedPool</source>
            <translation>{used} von {total} GB belegt, nichts davon von EmbedPool</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <location filename="../ui/setup/texts.py" />
            <source>Running {version}</source>
            <translation>Version {version} läuft</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>Not connected to {host}</source>
            <translation>Nicht verbunden mit {host}</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>Connected to {host}</source>
            <translation>Verbunden mit {host}</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{waiting} · {online}</source>
            <translation>{waiting} · {online}</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/card_texts.py" />
            <source>{n} other cards are not used</source>
            <extracomment>{n} other card is not used</extracomment>
            <translation>
                <numerusform>{n} weitere Karte wird nicht benutzt</numerusform>
                <numerusform>{n} weitere Karten werden nicht benutzt</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{percent} % busy</source>
            <translation>{percent} % ausgelastet</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{degrees} °C</source>
            <translation>{degrees} °C</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{watts} W</source>
            <translation>{watts} W</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/card_texts.py" />
            <source>{n} models for the pool</source>
            <extracomment>{n} model for the pool</extracomment>
            <translation>
                <numerusform>{n} Modell für den Pool</numerusform>
                <numerusform>{n} Modelle für den Pool</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>No work for this PC: {why}.</source>
            <translation>Keine Arbeit für diesen PC: {why}.</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{programs} keeps the screen on</source>
            <translation>{programs} hält den Bildschirm wach</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{model} is loaded, by you</source>
            <translation>{model} ist geladen, von Ihnen</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>For the pool: {models}</source>
            <translation>Für den Pool: {models}</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{model} is loaded on the processor</source>
            <translation>{model} ist auf dem Prozessor geladen</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{model} is loaded, only in part on the graphics card</source>
            <translation>{model} ist geladen, nur zum Teil auf der Grafikkarte</translation>
        </message>
        <message>
            <location filename="../ui/card_texts.py" />
            <source>{model} is loaded on the graphics card</source>
            <translation>{model} ist auf der Grafikkarte geladen</translation>
        </message>
        <message>
            <location filename="../ui/cards.py" />
            <source>{name}: {percent} %</source>
            <translation>{name}: {percent} %</translation>
        </message>
        <message>
            <location filename="../ui/cards.py" />
            <source>{title}: {value}</source>
            <translation>{title}: {value}</translation>
        </message>
        <message>
            <location filename="../ui/contribution.py" />
            <source>{name}: {number}</source>
            <translation>{name}: {number}</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>EmbedPool made a mistake</source>
            <translation>EmbedPool hat einen Fehler gemacht</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>Something unexpected happened</source>
            <translation>Etwas Unerwartetes ist passiert</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>EmbedPool goes on if it can. If something does not work any more, quit it and start it again.</source>
            <translation>EmbedPool macht weiter, wenn es kann. Wenn etwas nicht mehr geht, beenden Sie es und starten Sie es neu.</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>The report says what went wrong. Keys and invite codes are taken out of it.</source>
            <translation>Der Bericht sagt, was schiefging. Schlüssel und Einladungscodes sind daraus entfernt.</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>The report</source>
            <translation>Der Bericht</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>&amp;Copy report</source>
            <translation>Bericht &amp;kopieren</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>Copied.</source>
            <translation>Kopiert.</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>&amp;Open log folder</source>
            <translation>&amp;Protokollordner öffnen</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <source>&amp;Report a problem</source>
            <translation>Problem &amp;melden</translation>
        </message>
        <message>
            <location filename="../ui/crash_dialog.py" />
            <location filename="../ui/log_window.py" />
            <source>C&amp;lose</source>
            <translation>Sch&amp;ließen</translation>
        </message>
        <message>
            <location filename="../ui/day_texts.py" />
            <source>{day}: {done}</source>
            <translation>{day}: {done}</translation>
        </message>
        <message>
            <location filename="../ui/day_texts.py" />
            <source>{n} days: {cost}</source>
            <translation>{n} Tage: {cost}</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/day_texts.py" />
            <location filename="../ui/settings/texts.py" />
            <source>{n} texts</source>
            <extracomment>{n} text</extracomment>
            <translation>
                <numerusform>{n} Text</numerusform>
                <numerusform>{n} Texte</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/day_texts.py" />
            <source>{n} chats</source>
            <extracomment>{n} chat</extracomment>
            <translation>
                <numerusform>{n} Chat</numerusform>
                <numerusform>{n} Chats</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/day_texts.py" />
            <source>{time} of work</source>
            <translation>{time} Arbeit</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>Leave the pool</source>
            <translation>Den Pool verlassen</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>Leave this pool?</source>
            <translation>Diesen Pool verlassen?</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>&amp;Leave</source>
            <translation>&amp;Verlassen</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>&amp;Cancel</source>
            <translation>&amp;Abbrechen</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>Giving back what is under way, and leaving…</source>
            <translation>Gibt zurück, was läuft, und verlässt den Pool …</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>This PC has left the pool. Its key is deleted.</source>
            <translation>Dieser PC hat den Pool verlassen. Sein Schlüssel ist gelöscht.</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>This PC stops working for {host} and its key is deleted. Your contribution stays counted.</source>
            <translation>Dieser PC arbeitet dann nicht mehr für {host}, und sein Schlüssel wird gelöscht. Ihr Beitrag bleibt gezählt.</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>This PC has left the pool, but the pool could not be told: {why}</source>
            <translation>Dieser PC hat den Pool verlassen, aber es ließ sich dem Pool nicht sagen: {why}</translation>
        </message>
        <message>
            <location filename="../ui/leave_dialog.py" />
            <source>This PC stops working for the pool and its key is deleted. Your contribution stays counted.</source>
            <translation>Dieser PC arbeitet dann nicht mehr für den Pool, und sein Schlüssel wird gelöscht. Ihr Beitrag bleibt gezählt.</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>EmbedPool log</source>
            <translation>EmbedPool-Protokoll</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>&amp;Show</source>
            <translation>&amp;Zeigen</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>&amp;Find</source>
            <translation>&amp;Suchen</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>Lines of the log</source>
            <translation>Zeilen des Protokolls</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>&amp;Copy</source>
            <translation>&amp;Kopieren</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>Open log f&amp;older</source>
            <translation>&amp;Ordner öffnen</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>Nothing to show.</source>
            <translation>Nichts zu zeigen.</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>Keys, invite codes and texts are never written to the log.</source>
            <translation>Schlüssel, Einladungscodes und Texte stehen nie im Protokoll.</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>Everything</source>
            <translation>Alles</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>What happens</source>
            <translation>Was passiert</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>Warnings and errors</source>
            <translation>Warnungen und Fehler</translation>
        </message>
        <message>
            <location filename="../ui/log_window.py" />
            <source>Errors</source>
            <translation>Fehler</translation>
        </message>
        <message>
            <location filename="../ui/marks.py" />
            <source>Not done yet</source>
            <translation>Noch nicht erledigt</translation>
        </message>
        <message>
            <location filename="../ui/marks.py" />
            <source>Under way</source>
            <translation>Im Gang</translation>
        </message>
        <message>
            <location filename="../ui/marks.py" />
            <source>In order</source>
            <translation>In Ordnung</translation>
        </message>
        <message>
            <location filename="../ui/marks.py" />
            <source>Worth a look</source>
            <translation>Einen Blick wert</translation>
        </message>
        <message>
            <location filename="../ui/marks.py" />
            <source>A problem</source>
            <translation>Ein Problem</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>Could not be done</source>
            <translation>Ging nicht</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>Given back</source>
            <translation>Zurückgegeben</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>No longer wanted</source>
            <translation>Nicht mehr gebraucht</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>Computed here and handed to the pool.</source>
            <translation>Hier berechnet und dem Pool übergeben.</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>This PC could not do it. Another one will.</source>
            <translation>Dieser PC konnte es nicht. Ein anderer wird es tun.</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>You came back, or it was paused: another PC goes on with it.</source>
            <translation>Sie kamen zurück, oder es wurde pausiert: Ein anderer PC macht damit weiter.</translation>
        </message>
        <message>
            <location filename="../ui/ran_table.py" />
            <source>Computed here, but the pool had the result already or did not need it any more.</source>
            <translation>Hier berechnet, aber der Pool hatte das Ergebnis schon oder brauchte es nicht mehr.</translation>
        </message>
        <message>
            <location filename="../ui/settings/general.py" />
            <source>{value} %</source>
            <translation>{value} %</translation>
        </message>
        <message>
            <location filename="../ui/settings/general.py" />
            <source>{value} °C</source>
            <translation>{value} °C</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>EmbedPool Settings</source>
            <translation>EmbedPool-Einstellungen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Pages of the settings</source>
            <translation>Seiten der Einstellungen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/setup/texts.py" />
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>General</source>
            <translation>Allgemein</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Hours</source>
            <translation>Stunden</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/setup/texts.py" />
            <location filename="../ui/texts.py" />
            <source>Ollama</source>
            <translation>Ollama</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Account</source>
            <translation>Konto</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Notifications</source>
            <translation>Mitteilungen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Updates</source>
            <translation>Updates</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Advanced</source>
            <translation>Erweitert</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>About</source>
            <translation>Über</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Your settings could not be read, so the usual ones apply.</source>
            <translation>Ihre Einstellungen waren nicht lesbar, deshalb gelten die üblichen.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>When to work</source>
            <translation>Wann gearbeitet wird</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Away &amp;means no keyboard or mouse for</source>
            <translation>&amp;Weg heißt: keine Tastatur und keine Maus seit</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>At present it works whatever happens at this PC: that was chosen by the command line.</source>
            <translation>Zurzeit arbeitet es, was auch immer an diesem PC passiert: Das wurde auf der Kommandozeile gewählt.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Only when I am away from the PC (recommended)</source>
            <translation>Nur, wenn ich &amp;nicht am PC bin (empfohlen)</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Whenever the &amp;graphics card is free</source>
            <translation>Immer, wenn die &amp;Grafikkarte frei ist</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Also while you write, read or browse. Games and films always come first.</source>
            <translation>Auch während Sie schreiben, lesen oder surfen. Spiele und Filme haben immer Vorrang.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Only when I press “Work &amp;now”</source>
            <translation>Nur, wenn ich auf „&amp;Jetzt arbeiten“ drücke</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Works for an hour, then rests again.</source>
            <translation>Arbeitet eine Stunde lang und ruht dann wieder.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Stop when</source>
            <translation>Aufhören, wenn</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>the PC runs on &amp;battery</source>
            <translation>der PC im &amp;Akkubetrieb läuft</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>a &amp;full-screen app or game is running</source>
            <translation>eine App oder ein Spiel im &amp;Vollbild läuft</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>a film, a call or a presentation keeps the &amp;screen on</source>
            <translation>ein &amp;Film, ein Anruf oder ein Vortrag den Bildschirm wach hält</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>another program uses the graphics &amp;card by more than</source>
            <translation>andere Programme die Grafik&amp;karte stärker auslasten als</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>the graphics card is &amp;hotter than</source>
            <translation>die Grafikkarte &amp;heißer ist als</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>other programs use the &amp;processor by more than</source>
            <translation>andere Programme den &amp;Prozessor stärker auslasten als</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>the Internet connection is me&amp;tered</source>
            <translation>die Internetverbindung ge&amp;taktet ist</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>on&amp;e of these programs runs:</source>
            <translation>eines dieser Programme &amp;läuft:</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Start</source>
            <translation>Start</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Start EmbedPool when I &amp;log in</source>
            <translation>EmbedPool bei der An&amp;meldung starten</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Keep the PC awake while it works</source>
            <translation>Den PC wach halten, während er a&amp;rbeitet</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Unload the model when I come back</source>
            <translation>Das Modell entla&amp;den, wenn ich zurückkomme</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Frees the graphics card's memory at once. Without it, the model stays for two minutes.</source>
            <translation>Gibt den Speicher der Grafikkarte sofort frei. Sonst bleibt das Modell noch zwei Minuten.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Add…</source>
            <translation>Hin&amp;zufügen …</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Remove</source>
            <translation>&amp;Entfernen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>None yet. Add a game or a program that shall have the PC for itself.</source>
            <translation>Noch keines. Fügen Sie ein Spiel oder ein Programm hinzu, das den PC für sich haben soll.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Add a program</source>
            <translation>Ein Programm hinzufügen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Nothing is computed while it runs. Choose a running program, or type the name of its file.</source>
            <translation>Solange es läuft, wird nichts berechnet. Wählen Sie ein laufendes Programm, oder geben Sie den Namen seiner Datei ein.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Name</source>
            <translation>&amp;Name</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Running now</source>
            <translation>&amp;Läuft gerade</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Add</source>
            <translation>Hin&amp;zufügen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/setup/texts.py" />
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Programs beside which nothing is computed</source>
            <translation>Programme, neben denen nichts berechnet wird</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Work only in these hours</source>
            <translation>&amp;Nur in diesen Stunden arbeiten</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Filled hours are allowed. Click or drag to change them; the arrow keys and the space bar do it too.</source>
            <translation>Gefüllte Stunden sind erlaubt. Klicken oder ziehen Sie, um sie zu ändern; mit den Pfeiltasten und der Leertaste geht es auch.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Every day &amp;from</source>
            <translation>Jeden Tag &amp;von</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;to</source>
            <translation>&amp;bis</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Apply</source>
            <translation>&amp;Anwenden</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>A&amp;ll</source>
            <translation>A&amp;lle</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;None</source>
            <translation>&amp;Keine</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Hours of the week in which it may work</source>
            <translation>Stunden der Woche, in denen es arbeiten darf</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>allowed</source>
            <translation>erlaubt</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>not allowed</source>
            <translation>nicht erlaubt</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>No hour is allowed: it will never work.</source>
            <translation>Keine Stunde ist erlaubt: Es wird nie arbeiten.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Card to watch</source>
            <translation>Beobachtete &amp;Karte</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Its load, memory and heat decide when this PC works. On which card Ollama computes is up to Ollama.</source>
            <translation>Ihre Last, ihr Speicher und ihre Wärme entscheiden, wann dieser PC arbeitet. Auf welcher Karte Ollama rechnet, bestimmt Ollama.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>The one with the most memory</source>
            <translation>Die mit dem meisten Speicher</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>No graphics card was found.</source>
            <translation>Es wurde keine Grafikkarte gefunden.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Offer only models &amp;up to</source>
            <translation>Nur Modelle anbieten &amp;bis</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Larger ones stay yours alone. A model needs about as much memory as its file is big.</source>
            <translation>Größere bleiben allein Ihre. Ein Modell braucht etwa so viel Speicher, wie seine Datei groß ist.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>What computes</source>
            <translation>Was rechnet</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Ollama, and the &amp;built-in model</source>
            <translation>Ollama und das &amp;eingebaute Modell</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Only &amp;Ollama</source>
            <translation>Nur &amp;Ollama</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Only the built-in model, on the &amp;processor</source>
            <translation>Nur das eingebaute Modell, auf dem &amp;Prozessor</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Address of Ollama</source>
            <translation>&amp;Adresse von Ollama</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>This is not an address. It looks like http://127.0.0.1:11434.</source>
            <translation>Das ist keine Adresse. Eine solche sieht aus wie http://127.0.0.1:11434.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>C&amp;heck</source>
            <translation>Prü&amp;fen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Asking Ollama…</source>
            <translation>Fragt Ollama …</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Models on offer</source>
            <translation>Angebotene Modelle</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>The pool may use those that are ticked.</source>
            <translation>Der Pool darf die benutzen, die angehakt sind.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Models that the pool may use</source>
            <translation>Modelle, die der Pool benutzen darf</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>There is no model yet.</source>
            <translation>Es gibt noch kein Modell.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>At least one model stays ticked. To stop helping, pause or leave the pool.</source>
            <translation>Mindestens ein Modell bleibt angehakt. Wenn Sie nicht mehr helfen wollen, pausieren Sie oder verlassen Sie den Pool.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Get another model</source>
            <translation>Weiteres &amp;Modell holen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Download</source>
            <translation>&amp;Herunterladen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Sto&amp;p it</source>
            <translation>An&amp;halten</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Answer &amp;chats, too</source>
            <translation>Auch &amp;Chats beantworten</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>A chat takes the graphics card for longer than texts do. You coming back always ends it.</source>
            <translation>Ein Chat belegt die Grafikkarte länger als Texte. Kommen Sie zurück, endet er immer.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Server</source>
            <translation>Server</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/texts.py" />
            <source>This PC</source>
            <translation>Dieser PC</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Contribution</source>
            <translation>Beitrag</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>This PC belongs to no pool.</source>
            <translation>Dieser PC gehört zu keinem Pool.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Join a pool…</source>
            <translation>Einem Pool &amp;beitreten …</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Leave pool…</source>
            <translation>Pool &amp;verlassen …</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>in a file that only you can read</source>
            <translation>in einer Datei, die nur Sie lesen können</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>in the system's key store</source>
            <translation>im Schlüsselbund des Systems</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Tell me about</source>
            <translation>Mitteilen bei</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Problems that need you</source>
            <translation>&amp;Problemen, bei denen Sie gebraucht werden</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Milestones, such as 100,000 texts</source>
            <translation>&amp;Meilensteinen, etwa 100.000 Texten</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>P&amp;ause and resume</source>
            <translation>Pa&amp;usen und ihrem Ende</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Updates</source>
            <translation>Up&amp;dates</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>At most one of a kind a day, and none while a full-screen app is running.</source>
            <translation>Höchstens eine jeder Art am Tag, und keine, während eine App im Vollbild läuft.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Look for updates once a day</source>
            <translation>Einmal am Tag nach &amp;Updates sehen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Asks your pool which version it goes with. Nothing is downloaded by itself.</source>
            <translation>Fragt Ihren Pool, zu welcher Version er passt. Nichts wird von selbst heruntergeladen.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Show it</source>
            <translation>&amp;Zeigen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>This is the newest version that is known.</source>
            <translation>Das ist die neueste bekannte Version.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Files</source>
            <translation>Dateien</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Open data &amp;folder</source>
            <translation>Daten&amp;ordner öffnen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Show the &amp;log</source>
            <translation>&amp;Protokoll zeigen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Copy diagnostics</source>
            <translation>&amp;Diagnose kopieren</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>How your being away is seen</source>
            <translation>Woran Ihre Abwesenheit erkannt wird</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>When something is wrong</source>
            <translation>Wenn etwas nicht stimmt</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Not known yet.</source>
            <translation>Noch nicht bekannt.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>&amp;Restore the usual settings</source>
            <translation>&amp;Übliche Einstellungen wiederherstellen</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>The usual settings are back. The pool and the key stay as they are.</source>
            <translation>Die üblichen Einstellungen gelten wieder. Pool und Schlüssel bleiben, wie sie sind.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>The old file is kept as {name}.</source>
            <translation>Die alte Datei ist aufgehoben als {name}.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <location filename="../ui/texts.py" />
            <source>Version {version} is ready to download.</source>
            <translation>Version {version} steht bereit.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>This is version {number}.</source>
            <translation>Das ist Version {number}.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>{day} {start}–{end}: {state}</source>
            <translation>{day} {start}–{end}: {state}</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/settings/texts.py" />
            <source>{n} hours a week</source>
            <extracomment>{n} hour a week</extracomment>
            <translation>
                <numerusform>{n} Stunde pro Woche</numerusform>
                <numerusform>{n} Stunden pro Woche</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>{card} (not there now)</source>
            <translation>{card} (gerade nicht da)</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>{model} (not here now)</source>
            <translation>{model} (gerade nicht da)</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/settings/texts.py" />
            <source>Ollama {version} answers, with {n} models.</source>
            <extracomment>Ollama {version} answers, with {n} model.</extracomment>
            <translation>
                <numerusform>Ollama {version} antwortet, mit {n} Modell.</numerusform>
                <numerusform>Ollama {version} antwortet, mit {n} Modellen.</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>The settings could not be saved. {why}</source>
            <translation>Die Einstellungen ließen sich nicht speichern. {why}</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>Downloading {model}: {done} of {total} MB</source>
            <translation>{model} wird heruntergeladen: {done} von {total} MB</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>{model} is here now.</source>
            <translation>{model} ist jetzt da.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>{found} It is on another PC: the texts go there over the network.</source>
            <translation>{found} Es ist auf einem anderen PC: Die Texte gehen über das Netz dorthin.</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>…{ending}, {place}</source>
            <translation>…{ending}, {place}</translation>
        </message>
        <message>
            <location filename="../ui/settings/texts.py" />
            <source>{place}</source>
            <translation>{place}</translation>
        </message>
        <message>
            <location filename="../ui/setup/checks.py" />
            <source>{problem} {comfort}</source>
            <translation>{problem} {comfort}</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Set up EmbedPool</source>
            <translation>EmbedPool einrichten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Join</source>
            <translation>&amp;Beitreten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Use an &amp;invite link instead</source>
            <translation>Stattdessen einen &amp;Einladungslink benutzen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Enter server and key instead…</source>
            <translation>Stattdessen Server und Schlüssel &amp;eingeben …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Continue</source>
            <translation>&amp;Weiter</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Finish</source>
            <translation>&amp;Fertig</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Work now</source>
            <translation>&amp;Jetzt arbeiten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Join a pool</source>
            <translation>Einem Pool beitreten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Paste the invite link that you got from the pool.</source>
            <translation>Fügen Sie den Einladungslink ein, den Sie vom Pool bekommen haben.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <location filename="../ui/texts.py" />
            <source>Join again</source>
            <translation>Noch einmal beitreten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>The pool no longer takes this PC's key. Ask its owner for a new invite link and paste it here. What this PC has done so far stays counted.</source>
            <translation>Der Pool nimmt den Schlüssel dieses PCs nicht mehr an. Bitten Sie seinen Betreiber um einen neuen Einladungslink und fügen Sie ihn hier ein. Was dieser PC bisher getan hat, bleibt gezählt.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Type the pool's address and the key or invite code that you got from its owner.</source>
            <translation>Geben Sie die Adresse des Pools ein und den Schlüssel oder Einladungscode, den Sie von seinem Betreiber haben.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>In&amp;vite link</source>
            <translation>Einladungs&amp;link</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>https://pool.example.org/join/…</source>
            <translation>https://pool.example.org/join/…</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Taken from the clipboard.</source>
            <translation>Aus der Zwischenablage übernommen.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Server &amp;address</source>
            <translation>Adresse des &amp;Servers</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>https://pool.example.org</source>
            <translation>https://pool.example.org</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Key or invite code</source>
            <translation>Schlüssel oder Einladungs&amp;code</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Name of this PC</source>
            <translation>&amp;Name dieses PCs</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Only the pool's owner sees this name.</source>
            <translation>Nur der Betreiber des Pools sieht diesen Namen.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Asking the pool…</source>
            <translation>Fragt den Pool …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Joining…</source>
            <translation>Tritt bei …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>If your system asks for a password now, it is to keep the key safe.</source>
            <translation>Wenn Ihr System jetzt nach einem Passwort fragt, dann, um den Schlüssel sicher aufzubewahren.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Try again</source>
            <translation>Noch einmal &amp;versuchen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Keep the key in a &amp;file only you can read</source>
            <translation>Schlüssel in eine &amp;Datei legen, die nur Sie lesen können</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>The key will be kept in a file that only you can read.</source>
            <translation>Der Schlüssel kommt in eine Datei, die nur Sie lesen können.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Go on &amp;without encryption</source>
            <translation>&amp;Ohne Verschlüsselung weiter</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Without encryption: join only inside a network that you trust.</source>
            <translation>Ohne Verschlüsselung: Treten Sie nur in einem Netz bei, dem Sie vertrauen.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Leave that pool…</source>
            <translation>Jenen Pool &amp;verlassen …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>This invite has been used or has run out. Ask the pool for a new one.</source>
            <translation>Diese Einladung wurde schon benutzt oder ist abgelaufen. Bitten Sie den Pool um eine neue.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Your PC receives texts and sends back numbers or answers. The pool also learns its name, system, graphics card and models.</source>
            <translation>Ihr PC bekommt Texte und schickt Zahlen oder Antworten zurück. Der Pool erfährt auch seinen Namen, sein System, seine Grafikkarte und seine Modelle.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>It never sees your files, your screen or what you type. You can stop at any moment.</source>
            <translation>Ihre Dateien, Ihren Bildschirm und was Sie tippen, sieht er nie. Sie können jederzeit aufhören.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Check this PC</source>
            <translation>Diesen PC prüfen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Nothing here is a must: you can go on at any time and do the rest later.</source>
            <translation>Nichts hier muss sein: Sie können jederzeit weitergehen und den Rest später tun.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Looking for it…</source>
            <translation>Wird gesucht …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <location filename="../ui/texts.py" />
            <source>No graphics card found</source>
            <translation>Keine Grafikkarte gefunden</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>This PC can still help with its processor, more slowly.</source>
            <translation>Dieser PC kann trotzdem mit seinem Prozessor helfen, nur langsamer.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Asleep to save power; it wakes up when there is work.</source>
            <translation>Schläft, um Strom zu sparen; sie wacht auf, wenn es Arbeit gibt.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Uses the PC's own memory.</source>
            <translation>Benutzt den Speicher des PCs.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <location filename="../ui/texts.py" />
            <source>Not running</source>
            <translation>Läuft nicht</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Start it, and your graphics card can compute.</source>
            <translation>Starten Sie es, dann kann Ihre Grafikkarte rechnen.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Not installed</source>
            <translation>Nicht installiert</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Ollama computes on your graphics card. It is free, and takes two minutes to install.</source>
            <translation>Ollama rechnet auf Ihrer Grafikkarte. Es kostet nichts und ist in zwei Minuten installiert.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Starting Ollama…</source>
            <translation>Ollama wird gestartet …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Switched off</source>
            <translation>Ausgeschaltet</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Your processor computes, with the small model that is built in.</source>
            <translation>Ihr Prozessor rechnet, mit dem kleinen eingebauten Modell.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Install from ollama.com…</source>
            <translation>Von ollama.com &amp;installieren …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Start &amp;Ollama</source>
            <translation>&amp;Ollama starten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Check &amp;again</source>
            <translation>Noch einmal &amp;prüfen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Use the &amp;processor</source>
            <translation>Den P&amp;rozessor benutzen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Use &amp;Ollama</source>
            <translation>&amp;Ollama benutzen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <location filename="../ui/texts.py" />
            <source>Model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>After Ollama</source>
            <translation>Nach Ollama</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Models come with Ollama, and are downloaded once.</source>
            <translation>Modelle kommen mit Ollama und werden einmal heruntergeladen.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Built in</source>
            <translation>Eingebaut</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Turns texts into numbers. It is downloaded once, by Ollama.</source>
            <translation>Macht aus Texten Zahlen. Ollama lädt es einmal herunter.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>The download stopped</source>
            <translation>Das Herunterladen wurde angehalten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Sto&amp;p</source>
            <translation>&amp;Anhalten</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Starting the download…</source>
            <translation>Das Herunterladen beginnt …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Speed test</source>
            <translation>Tempo</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Not measured yet</source>
            <translation>Noch nicht gemessen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Takes a few seconds. Nothing is sent to anybody.</source>
            <translation>Dauert ein paar Sekunden. Nichts wird verschickt.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Needs a model first.</source>
            <translation>Braucht zuerst ein Modell.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Measuring…</source>
            <translation>Wird gemessen …</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Could not be measured</source>
            <translation>Ließ sich nicht messen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Measure</source>
            <translation>&amp;Messen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Measure again</source>
            <translation>Noch einmal &amp;messen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>When may it work?</source>
            <translation>Wann darf es arbeiten?</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Whatever you choose: the moment you need your PC, EmbedPool steps aside.</source>
            <translation>Was Sie auch wählen: Sobald Sie Ihren PC brauchen, tritt EmbedPool zurück.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>You find EmbedPool behind the ^ at the bottom right. Drag it to the taskbar to keep it in sight.</source>
            <translation>Sie finden EmbedPool unten rechts hinter dem ^. Ziehen Sie es auf die Taskleiste, um es im Blick zu behalten.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>You find EmbedPool in the menu bar, at the top right.</source>
            <translation>Sie finden EmbedPool oben rechts in der Menüleiste.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>You find EmbedPool among the small icons of your panel.</source>
            <translation>Sie finden EmbedPool bei den kleinen Symbolen Ihrer Leiste.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Your desktop shows no tray icons. Open EmbedPool from your applications.</source>
            <translation>Ihr Desktop zeigt keine Symbole im Infobereich. Öffnen Sie EmbedPool aus Ihren Anwendungen.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>EmbedPool takes no work before you press Finish.</source>
            <translation>EmbedPool nimmt keine Arbeit an, bevor Sie auf „Fertig“ drücken.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>All set</source>
            <translation>Alles bereit</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>EmbedPool starts whenever the graphics card is free.</source>
            <translation>EmbedPool beginnt, sobald die Grafikkarte frei ist.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>EmbedPool starts when you press “Work now”.</source>
            <translation>EmbedPool beginnt, wenn Sie auf „Jetzt arbeiten“ drücken.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>This PC belongs to the pool again. Everything else is as you left it.</source>
            <translation>Dieser PC gehört wieder zum Pool. Alles andere ist, wie Sie es verlassen haben.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Thank you for helping.</source>
            <translation>Danke, dass Sie helfen.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>The key is kept in Windows Credential Manager.</source>
            <translation>Der Schlüssel liegt in der Anmeldeinformationsverwaltung von Windows.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>The key is kept in the macOS Keychain.</source>
            <translation>Der Schlüssel liegt im Schlüsselbund von macOS.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>The key is kept in your desktop's keyring.</source>
            <translation>Der Schlüssel liegt im Schlüsselbund Ihres Desktops.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Step {number} of {count}</source>
            <translation>Schritt {number} von {count}</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>{host}, {n} volunteers</source>
            <extracomment>{host}, {n} volunteer</extracomment>
            <translation>
                <numerusform>{host}, {n} PC hilft</numerusform>
                <numerusform>{host}, {n} PCs helfen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>EmbedPool starts when you are away for {n} minutes.</source>
            <extracomment>EmbedPool starts when you are away for {n} minute.</extracomment>
            <translation>
                <numerusform>EmbedPool beginnt, wenn Sie {n} Minute weg sind.</numerusform>
                <numerusform>EmbedPool beginnt, wenn Sie {n} Minuten weg sind.</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>{gigabytes} GB of memory</source>
            <translation>{gigabytes} GB Speicher</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>{n} models are ready</source>
            <extracomment>{n} model is ready</extracomment>
            <translation>
                <numerusform>{n} Modell ist bereit</numerusform>
                <numerusform>{n} Modelle sind bereit</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>{model} is missing</source>
            <translation>{model} fehlt</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>&amp;Download {megabytes} MB</source>
            <translation>{megabytes} MB &amp;herunterladen</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>{done} of {total} MB</source>
            <translation>{done} von {total} MB</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>{done} of {total} MB · {speed} MB/s · {remaining}</source>
            <translation>{done} von {total} MB · {speed} MB/s · {remaining}</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>{n} minutes left</source>
            <extracomment>{n} minute left</extracomment>
            <translation>
                <numerusform>noch {n} Minute</numerusform>
                <numerusform>noch {n} Minuten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>about {n} texts per minute</source>
            <extracomment>about {n} text per minute</extracomment>
            <translation>
                <numerusform>etwa {n} Text pro Minute</numerusform>
                <numerusform>etwa {n} Texte pro Minute</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Computed on the graphics card, with {model}.</source>
            <translation>Berechnet auf der Grafikkarte, mit {model}.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Computed on the processor, with {model}.</source>
            <translation>Berechnet auf dem Prozessor, mit {model}.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Computed with {model}.</source>
            <translation>Berechnet mit {model}.</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>Without Ollama, your processor computes with {model}. Nothing needs to be downloaded.</source>
            <translation>Ohne Ollama rechnet Ihr Prozessor mit {model}. Nichts muss heruntergeladen werden.</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>After {n} minutes without keyboard or mouse. You can change that in the settings.</source>
            <extracomment>After {n} minute without keyboard or mouse. You can change that in the settings.</extracomment>
            <translation>
                <numerusform>Nach {n} Minute ohne Tastatur und Maus. Das lässt sich in den Einstellungen ändern.</numerusform>
                <numerusform>Nach {n} Minuten ohne Tastatur und Maus. Das lässt sich in den Einstellungen ändern.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>{host} – “{pool}”, {n} volunteers</source>
            <extracomment>{host} – “{pool}”, {n} volunteer</extracomment>
            <translation>
                <numerusform>{host} – „{pool}“, {n} PC hilft</numerusform>
                <numerusform>{host} – „{pool}“, {n} PCs helfen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/setup/texts.py" />
            <source>{n} seconds left</source>
            <extracomment>{n} second left</extracomment>
            <translation>
                <numerusform>noch {n} Sekunde</numerusform>
                <numerusform>noch {n} Sekunden</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>{host} – “{pool}”</source>
            <translation>{host} – „{pool}“</translation>
        </message>
        <message>
            <location filename="../ui/setup/texts.py" />
            <source>{host} answers</source>
            <translation>{host} antwortet</translation>
        </message>
        <message>
            <location filename="../ui/status_window.py" />
            <source>Last task finished {ago}</source>
            <translation>Letzte Aufgabe fertig {ago}</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>EmbedPool</source>
            <translation>EmbedPool</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Open EmbedPool</source>
            <translation>EmbedPool öffnen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Pause</source>
            <translation>Pause</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Resume</source>
            <translation>Fortsetzen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Pause for</source>
            <translation>Pause für</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>1 hour</source>
            <translation>1 Stunde</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>4 hours</source>
            <translation>4 Stunden</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Until tomorrow morning</source>
            <translation>Bis morgen früh</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Until I resume</source>
            <translation>Bis ich fortsetze</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Finish, then pause</source>
            <translation>Fertig machen, dann Pause</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Work now</source>
            <translation>Jetzt arbeiten</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Start Ollama</source>
            <translation>Ollama starten</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Join a pool…</source>
            <translation>Einem Pool beitreten …</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Settings…</source>
            <translation>Einstellungen …</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Open log folder</source>
            <translation>Protokollordner öffnen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Copy diagnostics</source>
            <translation>Diagnose kopieren</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <location filename="../ui/windows.py" />
            <source>Report a problem</source>
            <translation>Problem melden</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Quit EmbedPool</source>
            <translation>EmbedPool beenden</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Unlock</source>
            <translation>Entsperren</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Try again</source>
            <translation>Noch einmal versuchen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>More choices</source>
            <translation>Mehr Auswahl</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Pause for a while, finish first, work now</source>
            <translation>Eine Zeit lang pausieren, erst fertig machen, jetzt arbeiten</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Join a pool to start</source>
            <translation>Treten Sie einem Pool bei</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>All it takes is the invite link that you got from a pool.</source>
            <translation>Es braucht nur den Einladungslink, den Sie von einem Pool bekommen haben.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Starting</source>
            <translation>Startet</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Having a look around…</source>
            <translation>Sieht sich um …</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>EmbedPool cannot work</source>
            <translation>EmbedPool kann nicht arbeiten</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Ollama is not running</source>
            <translation>Ollama läuft nicht</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Start Ollama and EmbedPool goes on by itself.</source>
            <translation>Starten Sie Ollama, dann macht EmbedPool von selbst weiter.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Downloading the model</source>
            <translation>Das Modell wird heruntergeladen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>EmbedPool goes on by itself as soon as it is here.</source>
            <translation>Sobald es da ist, macht EmbedPool von selbst weiter.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Paused</source>
            <translation>Pause</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Pausing</source>
            <translation>Geht in Pause</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Your PC takes no work.</source>
            <translation>Ihr PC nimmt keine Arbeit an.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Waiting</source>
            <translation>Wartet</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Ready</source>
            <translation>Bereit</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>The queue is empty.</source>
            <translation>Die Warteschlange ist leer.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Tasks wait, but not for this PC.</source>
            <translation>Es warten Aufgaben, aber nicht für diesen PC.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Working</source>
            <translation>Arbeitet</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>EmbedPool works without one too, only slower.</source>
            <translation>EmbedPool arbeitet auch ohne, nur langsamer.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>It sleeps to save power and is left alone.</source>
            <translation>Sie schläft, um Strom zu sparen, und wird in Ruhe gelassen.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>It tells nothing about its memory and load.</source>
            <translation>Sie meldet nichts über ihren Speicher und ihre Last.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Graphics memory in use</source>
            <translation>Belegter Grafikspeicher</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Download</source>
            <translation>Herunterladen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Cancel download</source>
            <translation>Herunterladen abbrechen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Running</source>
            <translation>Läuft</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Not used</source>
            <translation>Nicht benutzt</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>The small built-in engine computes on the processor.</source>
            <translation>Das kleine eingebaute Rechenmodul rechnet auf dem Prozessor.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Not looked at yet</source>
            <translation>Noch nicht nachgesehen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>No model is loaded at the moment.</source>
            <translation>Zurzeit ist kein Modell geladen.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Not joined</source>
            <translation>Nicht beigetreten</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>The pool's name and its queue will stand here.</source>
            <translation>Hier werden der Name des Pools und seine Warteschlange stehen.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>In use</source>
            <translation>In Benutzung</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Locked</source>
            <translation>Gesperrt</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Away or not: unknown</source>
            <translation>Weg oder da: unbekannt</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>On mains power</source>
            <translation>Am Stromnetz</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>On battery</source>
            <translation>Im Akkubetrieb</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>A program fills the screen</source>
            <translation>Ein Programm füllt den Bildschirm</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Nothing fills the screen</source>
            <translation>Nichts füllt den Bildschirm</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>The connection is metered</source>
            <translation>Die Verbindung ist getaktet</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Contribution and what ran here</source>
            <translation>Beitrag und was hier lief</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Your contribution</source>
            <translation>Ihr Beitrag</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>What ran here</source>
            <translation>Was hier lief</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Today</source>
            <translation>Heute</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>7 days</source>
            <translation>7 Tage</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>All time</source>
            <translation>Insgesamt</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Texts per day, the last 30 days</source>
            <translation>Texte pro Tag, die letzten 30 Tage</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Your first texts will show up here.</source>
            <translation>Hier werden Ihre ersten Texte erscheinen.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Nothing has run here yet.</source>
            <translation>Hier ist noch nichts gelaufen.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Only this PC keeps this list, and never a text of it.</source>
            <translation>Nur dieser PC führt diese Liste, und nie steht ein Text darin.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Time</source>
            <translation>Zeit</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Texts</source>
            <translation>Texte</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Tokens</source>
            <translation>Tokens</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Duration</source>
            <translation>Dauer</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Outcome</source>
            <translation>Ergebnis</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Chat</source>
            <translation>Chat</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>No task finished since the start</source>
            <translation>Seit dem Start noch keine Aufgabe fertig</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>View log</source>
            <translation>Protokoll</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Keep EmbedPool running?</source>
            <translation>EmbedPool weiterlaufen lassen?</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Your desktop shows no tray icons. EmbedPool can go on without a window; open it again from your applications.</source>
            <translation>Ihr Desktop zeigt keine Symbole im Infobereich. EmbedPool kann ohne Fenster weiterlaufen; öffnen Sie es wieder aus Ihren Anwendungen.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Keep running</source>
            <translation>Weiterlaufen lassen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>EmbedPool keeps running here. Quit it from its menu.</source>
            <translation>EmbedPool läuft hier weiter. Beenden können Sie es aus seinem Menü.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Ollama is not running. Start it so that your PC can help.</source>
            <translation>Ollama läuft nicht. Starten Sie es, damit Ihr PC helfen kann.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>The pool refused this PC's key. Join again to go on.</source>
            <translation>Der Pool hat den Schlüssel dieses PCs abgelehnt. Treten Sie noch einmal bei, damit es weitergeht.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>The pause is over. Your PC takes work again.</source>
            <translation>Die Pause ist vorbei. Ihr PC nimmt wieder Arbeit an.</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Show</source>
            <translation>Zeigen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>EmbedPool – {line}</source>
            <translation>EmbedPool – {line}</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Update to {version}…</source>
            <translation>Auf {version} aktualisieren …</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Download {model}</source>
            <translation>{model} herunterladen</translation>
        </message>
        <message>
            <location filename="../ui/texts.py" />
            <source>Your PC has embedded {texts} texts. Thank you!</source>
            <translation>Ihr PC hat {texts} Texte berechnet. Danke!</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/tray_menu.py" />
            <source>{n} texts today</source>
            <extracomment>{n} text today</extracomment>
            <translation>
                <numerusform>{n} Text heute</numerusform>
                <numerusform>{n} Texte heute</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/windows.py" />
            <source>The diagnostics are on the clipboard now; there is no key in them, and no text that was computed. Send them to whoever gave you the invite link, with a sentence about what you did and what happened.</source>
            <translation>Die Diagnose liegt jetzt in der Zwischenablage; darin steht kein Schlüssel und kein Text, der berechnet wurde. Schicken Sie sie der Person, von der Sie den Einladungslink haben, mit einem Satz dazu, was Sie getan haben und was passiert ist.</translation>
        </message>
        <message numerus="yes">
            <location filename="../ui/wording.py" />
            <source>{model} · {n} texts per minute</source>
            <extracomment>{model} · {n} text per minute</extracomment>
            <translation>
                <numerusform>{model} · {n} Text pro Minute</numerusform>
                <numerusform>{model} · {n} Texte pro Minute</numerusform>
            </translation>
        </message>
        <message>
            <location filename="../ui/wording.py" />
            <source>{state}: {why}</source>
            <translation>{state}: {why}</translation>
        </message>
        <message>
            <location filename="../ui/wording.py" />
            <source>Paused until {time}</source>
            <translation>Pause bis {time}</translation>
        </message>
        <message>
            <location filename="../ui/wording.py" />
            <source>{model} answers a chat</source>
            <translation>{model} antwortet in einem Chat</translation>
        </message>
        <message>
            <location filename="../ui/wording.py" />
            <source>{model}</source>
            <translation>{model}</translation>
        </message>
    </context>
</TS>
