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

    /// By the main file; the one in force last.
    private var kept: [String: [Kept]] = [:]

    /// Notes which version is in force now.
    mutating func put(_ text: RulesText, at now: Date) {
        var versions = self.kept[text.main, default: []]
        if versions.last?.text.version == text.version { return }
        versions.removeAll { $0.text.version == text.version }
        versions.append(Kept(text: text, since: now))
        self.kept[text.main] = versions.suffix(Self.most)
    }

    /// Forgets files that no room uses any more.
    mutating func keep(only mains: some Sequence<String>) {
        let mains = Set(mains)
        self.kept = self.kept.filter { mains.contains($0.key) }
    }

    /// The versions of a file, the one in force first.
    func versions(of main: String) -> [Kept] {
        self.kept[main, default: []].reversed()
    }

    /// A version by its name or how that begins; without one, the version before the one in force.
    func find(_ version: String?, of main: String) -> RulesText? {
        let versions = self.versions(of: main)
        guard let version else { return versions.dropFirst().first?.text }
        let found = versions.filter { $0.text.version.hasPrefix(version) }
        return version.isEmpty || found.count != 1 ? nil : found[0].text
    }
}
