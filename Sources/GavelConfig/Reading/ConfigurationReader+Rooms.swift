import Foundation
import GavelScript

extension ConfigurationReader {
    /// `[[rooms]]`, after everything that gives it defaults.
    mutating func readRooms(_ members: [TOMLNode.Member]) {
        let path = ConfigurationPath("rooms")
        guard let member = members.first(where: { $0.name == "rooms" }) else { return }
        guard case .array(let entries) = member.value else {
            self.fail(
                self.place(path),
                path: path,
                Complaint("rooms is a list", advice: "Write [[rooms]], with two brackets, above each entry.")
            )
            return
        }
        for (index, entry) in entries.enumerated() {
            guard case .table(let members) = entry else {
                self.fail(
                    self.place(path.index(index)),
                    path: path.index(index),
                    Complaint(
                        "\(entry.shown) is not an entry",
                        advice: "Write [[rooms]] and the entry's keys below it."
                    )
                )
                continue
            }
            self.readRoom(members, at: path.index(index))
        }
        self.checkShadows()
    }

    private mutating func readRoom(_ members: [TOMLNode.Member], at path: ConfigurationPath) {
        guard let everything = try? Glob("*") else { preconditionFailure("* is a pattern") }
        var room = RoomEntry(match: everything, in: self.report.configuration)
        for member in members {
            let place = path.key(member.name)
            if Settings.roomTables.contains(member.name) {
                self.readTable(member, of: &room, at: place)
                continue
            }
            do throws(Complaint) {
                if member.name == "params" {
                    room.params = try Self.params(member.value)
                    room.paramsLine = self.locator.line(of: place)
                } else if let setting = Settings.rooms.first(where: { $0.section.isEmpty && $0.name == member.name }) {
                    try setting.apply(member.value, &room)
                } else {
                    throw Complaint("there is no such key", advice: Self.roomAdvice(member.name))
                }
                self.origins[place] = self.place(place)
            } catch {
                self.fail(self.place(place), path: place, error)
            }
        }
        if !members.contains(where: { $0.name == "match" }) {
            self.fail(
                self.place(path),
                path: path.key("match"),
                Complaint("this entry does not say which rooms it is for", advice: "Write match = \"chess-*\".")
            )
        }
        self.check(room, at: path)
        // What is missing has been told; whoever loads the rules of the others need not tell it again.
        if !self.hasFile(room, at: path.key("rules")) { room.rules = nil }
        self.report.configuration.rooms.append(room)
    }

    /// `[rooms.history]` and the like.
    private mutating func readTable(_ table: TOMLNode.Member, of room: inout RoomEntry, at path: ConfigurationPath) {
        guard case .table(let members) = table.value else {
            let advice = "Write [rooms.\(table.name)] and its keys below it."
            self.fail(self.place(path), path: path, Complaint("\(table.value.shown) is not a table", advice: advice))
            return
        }
        let settings = Settings.rooms.filter { $0.section == table.name }
        for member in members {
            let place = path.key(member.name)
            do throws(Complaint) {
                guard let setting = settings.first(where: { $0.name == member.name }) else {
                    let advice = Self.suggestion(member.name, of: settings.map(\.name))
                    throw Complaint("there is no such key", advice: advice)
                }
                try setting.apply(member.value, &room)
                self.origins[place] = self.place(place)
            } catch {
                self.fail(self.place(place), path: place, error)
            }
        }
    }

    private mutating func check(_ room: RoomEntry, at path: ConfigurationPath) {
        let limit = self.report.configuration.messageBytes
        let key = path.key("message_bytes")
        if room.messageBytes > limit, !self.faulty.contains(ConfigurationPath("limits", "message_bytes")) {
            self.fail(
                self.place(key),
                path: key,
                Complaint(
                    "\(Measure.size.format(Int64(room.messageBytes))) is more than limits.message_bytes",
                    advice: "Write \"\(Measure.size.format(Int64(limit)))\" or less, or raise that limit."
                )
            )
        }
        if room.rules == nil, self.origins[path.key("params")] != nil, !self.faulty.contains(path.key("rules")) {
            self.fail(
                self.place(path.key("params")),
                path: path.key("params"),
                Complaint("there are no rules to read them", advice: "Write rules = \"….lua\" in this entry.")
            )
        }
    }

    /// Whether the rules file is there to be read; tells what is wrong with it otherwise.
    private mutating func hasFile(_ room: RoomEntry, at path: ConfigurationPath) -> Bool {
        guard let name = room.rules, let file = self.report.configuration.rulesFile(of: room) else { return true }
        let folder = self.report.configuration.scriptsFolder
        guard Self.isFolder(folder) else {
            let key = ConfigurationPath("scripts", "folder")
            self.fail(
                self.origins[key] ?? self.place(path),
                path: key,
                Complaint(
                    "there is no folder \(folder.path(percentEncoded: false))",
                    advice: "Make it, or write where the rules files are, seen from the folder of \(self.fileName)."
                )
            )
            return false
        }
        guard let complaint = Self.complaint(about: file, named: name, in: folder) else { return true }
        self.fail(self.place(path), path: path, complaint)
        return false
    }

    private static func complaint(about file: URL, named name: String, in folder: URL) -> Complaint? {
        let path = file.path(percentEncoded: false)
        let folderPath = folder.path(percentEncoded: false)
        if Self.isFolder(file) {
            return Complaint("\(name) is a folder", advice: "Name a file in it.")
        }
        guard FileManager.default.fileExists(atPath: path) else {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folderPath)) ?? []
            let nearest = NearestName.of(name, among: names.filter { $0.hasSuffix(".lua") }.sorted())
            return Complaint(
                "there is no \(name) in \(folderPath)",
                advice: nearest.map { "Did you mean \($0)?" } ?? "Write the file, or name one that is there."
            )
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            return Complaint("\(name) cannot be read", advice: "Let the user that runs gavel read it (chmod, chown).")
        }
        return nil
    }

    /// Entries that no room reaches, because one before them takes all.
    private mutating func checkShadows() {
        let rooms = self.report.configuration.rooms
        for (index, room) in rooms.enumerated() {
            let path = ConfigurationPath("rooms").index(index).key("match")
            let shadow = rooms[..<index].firstIndex { $0.match == room.match || $0.match.matchesEverything }
            guard let shadow, self.origins[path] != nil else { continue }
            guard self.origins[ConfigurationPath("rooms").index(shadow).key("match")] != nil else { continue }
            self.warn(
                self.place(path),
                path: path,
                Complaint(
                    "no room comes here: rooms[\(shadow)] matches \"\(rooms[shadow].match)\" first",
                    advice: "Put the narrower pattern first."
                )
            )
        }
    }

    private static func params(_ node: TOMLNode) throws(Complaint) -> [UInt8] {
        guard case .table = node else {
            throw Complaint("\(node.shown) is not a table", advice: "Write [rooms.params] and the parameters below it.")
        }
        var text = JSONText()
        try node.writeJSON(to: &text)
        return text.bytes
    }

    private static func roomAdvice(_ name: String) -> String {
        let names = Settings.rooms.filter(\.section.isEmpty).map(\.name) + Settings.roomTables + ["params"]
        if let setting = Settings.rooms.first(where: { !$0.section.isEmpty && $0.name == name }) {
            return "Write it below [rooms.\(setting.section)], under this entry."
        }
        if NearestName.of(name, among: names) == nil,
            let setting = Settings.all.first(where: { $0.name == name })
        {
            return "It holds for the whole relay: write it below [\(setting.section)]."
        }
        if NearestName.of(name, among: names) == nil {
            return
                "What the rules are to read goes below [rooms.params]; the keys are \(names.joined(separator: ", "))."
        }
        return Self.suggestion(name, of: names)
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path(percentEncoded: false), isDirectory: &isFolder)
        return exists && isFolder.boolValue
    }
}
