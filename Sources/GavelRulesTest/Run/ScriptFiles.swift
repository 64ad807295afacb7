internal import Foundation
internal import GavelConfig
internal import GavelScript

/// The files of a scripts folder.
package enum ScriptFiles {
    /// Every room.
    static let anyRoom: Glob = {
        guard let glob = try? Glob("*") else { preconditionFailure("* is a pattern") }
        return glob
    }()

    /// All files of tests: those below `tests` whose names end in `_test.lua`, by name.
    package static func tests(in folder: String) -> [String] {
        let tests = folder + "/tests"
        let names = FileManager.default.enumerator(atPath: tests)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix("_test.lua") }.sorted().map { "\(tests)/\($0)" }
    }

    /// All files that may be rules, seen from the folder.
    static func rules(in folder: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".lua") && !$0.hasPrefix("tests/") && !$0.hasPrefix(".") }.sorted()
    }

    /// The texts of all files that may be rules, by their names.
    static func texts(in folder: String) -> [String: [UInt8]] {
        self.rules(in: folder).reduce(into: [:]) { texts, name in
            if let data = FileManager.default.contents(atPath: "\(folder)/\(name)") { texts[name] = Array(data) }
        }
    }

    /// What the compiler says of the files of tests in a folder, `file:line: …` each.
    package static func syntaxMistakes(inTestsOf folder: String) -> [String] {
        self.tests(in: folder.withoutLastSlash).compactMap { path in
            let name = String(path.dropFirst(folder.withoutLastSlash.utf8.count + 1))
            return TestScript.syntaxMistake(path: path, name: name)?.description
        }
    }
}
