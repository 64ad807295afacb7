internal import Foundation

/// The last good versions of each main file, so that an operator can go back to one.
struct RulesShelf: Sendable {
    /// A version that rooms ran.
    struct Kept: Sendable {
        let text: RulesText
        /// When it was put in force, the last time.
        var since: Date
    }

    /// Versions that are kept of a file.
    static let most = 8

    /// Of one main file.
    private struct Row {
        /// In the order of their saves. What was gone back from counts as the oldest once another is saved.
        private(set) var versions: [Kept] = []
        private(set) var inForce = -1

        mutating func put(_ text: RulesText, at now: Date) {
            if let known = self.versions.firstIndex(where: { $0.text.version == text.version }) {
                if known != self.inForce { self.versions[known].since = now }
                self.inForce = known
                return
            }
            let (until, left) = (self.versions[...self.inForce], self.versions[(self.inForce + 1)...])
            self.versions = (left + until + [Kept(text: text, since: now)]).suffix(RulesShelf.most)
            self.inForce = self.versions.count - 1
        }
    }

    /// By the main file.
    private var rows: [String: Row] = [:]

    /// Notes which version is in force now.
    mutating func put(_ text: RulesText, at now: Date) {
        self.rows[text.main, default: Row()].put(text, at: now)
    }

    /// Forgets files that no room uses any more.
    mutating func keep(only mains: some Sequence<String>) {
        let mains = Set(mains)
        self.rows = self.rows.filter { mains.contains($0.key) }
    }

    /// The versions of a file: the one in force, those before it and then those after it, the latest first.
    func versions(of main: String) -> [Kept] {
        guard let row = self.rows[main] else { return [] }
        return row.versions[...row.inForce].reversed() + row.versions[(row.inForce + 1)...].reversed()
    }

    /// A version by its name or how that begins; without one, the version saved before the one in force.
    func find(_ version: String?, of main: String) -> RulesText? {
        guard let row = self.rows[main] else { return nil }
        guard let version else { return row.inForce > 0 ? row.versions[row.inForce - 1].text : nil }
        let found = row.versions.filter { $0.text.version.hasPrefix(version) }
        return version.isEmpty || found.count != 1 ? nil : found[0].text
    }
}
