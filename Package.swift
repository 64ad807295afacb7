// swift-tools-version: 6.2
import PackageDescription

// Warnings stop a build where they are looked for, and not where another compiler has more of them.
let warnings: [SwiftSetting] =
    Context.environment["GAVEL_WARNINGS"] == "errors" ? [.treatAllWarnings(as: .error)] : []
let swift: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + warnings
// Deliberate faults that the test suite must find; see Sources/GavelCore/Wire/Mutation.swift.
let mutations: [SwiftSetting] = [.define("GAVEL_MUTATIONS", .when(configuration: .debug))]

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let httpServer = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpNIO = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpNIOCodec = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func target(_ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift + settings)
}
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swift)
}

// Fuzz targets need the sanitizers' flags, which nothing that ships may have.
let fuzzes = Context.environment["GAVEL_FUZZ"] == "1"
let fuzzedC: [CSetting] = fuzzes ? [.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])] : []
let fuzzedSwift: [SwiftSetting] = fuzzes ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : []
let fuzzLinker: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld", "-sanitize=fuzzer,address"])]

let package = Package(
    name: "gavel",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "gavel",
            dependencies: [
                "GavelAdmin", "GavelBench", "GavelConfig", "GavelRulesTest", "GavelScript", "GavelServer",
                argumentParser, logging, metrics,
            ],
            swiftSettings: swift
        ),
        target(
            "GavelServer",
            [
                "GavelAdmin", "GavelConfig", "GavelCore", "GavelScript", "GavelStorage", "GavelTransport", lifecycle,
                logging, nio("NIOConcurrencyHelpers"), nio("NIOCore"), nio("NIOPosix"), unixSignals,
            ]
        ),
        target(
            "GavelConfig",
            ["GavelAdmin", "GavelCore", "GavelScript", "GavelStorage", "GavelTransport", logging, "TOMLKit"]
        ),
        target(
            "GavelTransport",
            [
                "GavelCore", crypto, lifecycle, logging, nio("NIOConcurrencyHelpers"), nio("NIOCore"),
                nio("NIOHTTP1"), nio("NIOPosix"),
            ],
            settings: fuzzedSwift
        ),
        .target(
            name: "GavelAdmin",
            dependencies: [
                "GavelCore", "GavelTransport", crypto, histogram, httpNIO, httpNIOCodec, httpServer, httpTypes,
                hummingbird, lifecycle, logging, metrics, nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"),
                nio("NIOWebSocket"),
            ],
            resources: [.embedInCode("Web")],
            swiftSettings: swift
        ),
        target("GavelScript", ["CGavelJSON", "CGavelLua", "GavelCore", crypto, logging]),
        target("GavelStorage", ["GavelCore", grdb, grdbSQLite, logging, nio("NIOConcurrencyHelpers")]),
        target("GavelCore", ["CGavelJSON", crypto, deque, heap, histogram, nio("NIOCore")], settings: mutations),
        target("GavelBench", [histogram, nio("NIOCore"), nio("NIOPosix")]),
        target("GavelSimulation", ["CGavelJSON", "GavelCore", nio("NIOCore")]),
        target(
            "GavelRulesTest",
            ["CGavelJSON", "GavelConfig", "GavelCore", "GavelScript", "GavelSimulation", logging, nio("NIOCore")]
        ),
        target("GavelTesting", ["CGavelJSON", "GavelCore", "GavelSimulation", deque, nio("NIOCore"), nio("NIOPosix")]),
        .target(
            name: "CGavelLua",
            dependencies: ["CGavelJSON", "CLua"],
            cSettings: fuzzedC,
            linkerSettings: [.linkedLibrary("lua5.4")]
        ),
        .target(name: "CGavelJSON", cSettings: fuzzedC),
        .systemLibrary(name: "CLua"),
        .target(name: "CPowerLoss", linkerSettings: [.linkedLibrary("sqlite3")]),

        tests("CGavelJSONTests", ["CGavelJSON"]),
        tests("GavelCoreTests", ["GavelCore", "GavelTesting", histogram, nio("NIOCore"), nio("NIOPosix")]),
        tests(
            "GavelScriptTests",
            ["CGavelJSON", "CGavelLua", "CLua", "GavelCore", "GavelScript", "GavelSimulation", "GavelTesting", logging]
        ),
        tests("GavelRulesTestTests", ["GavelConfig", "GavelRulesTest", "GavelScript", "GavelTesting", logging]),
        tests("GavelStorageTests", ["CPowerLoss", "GavelCore", "GavelStorage", "GavelTesting", logging]),
        tests(
            "GavelConfigTests",
            [
                "GavelAdmin", "GavelConfig", "GavelCore", "GavelScript", "GavelStorage", "GavelTesting",
                "GavelTransport", logging,
            ]
        ),
        tests(
            "GavelTransportTests",
            [
                "GavelCore", "GavelTesting", "GavelTransport", lifecycle, logging, nio("NIOConcurrencyHelpers"),
                nio("NIOCore"), nio("NIOEmbedded"), nio("NIOHTTP1"), nio("NIOPosix"),
            ]
        ),
        tests(
            "GavelAdminTests",
            [
                "GavelAdmin", "GavelCore", "GavelScript", "GavelTesting", lifecycle, logging, metrics, nio("NIOCore"),
                nio("NIOEmbedded"), nio("NIOPosix"),
            ]
        ),
        tests(
            "GavelBenchTests",
            ["GavelBench", nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"), nio("NIOWebSocket")]
        ),
        tests(
            "GavelServerTests",
            [
                "GavelAdmin", "GavelBench", "GavelConfig", "GavelCore", "GavelRulesTest", "GavelServer", "GavelTesting",
                "GavelTransport", lifecycle, logging, nio("NIOCore"), nio("NIOPosix"),
            ]
        ),
    ]
)

if fuzzes {
    package.targets += [
        .executableTarget(
            name: "FuzzJSON",
            dependencies: ["CGavelJSON"],
            exclude: ["json.dict"],
            cSettings: fuzzedC,
            linkerSettings: fuzzLinker
        ),
        .executableTarget(
            name: "FuzzPatterns",
            dependencies: ["CGavelJSON", "CGavelLua", "CLua"],
            exclude: ["patterns.dict"],
            cSettings: fuzzedC,
            linkerSettings: fuzzLinker
        ),
        .executableTarget(
            name: "FuzzFrames",
            dependencies: ["GavelCore", "GavelTransport", nio("NIOCore")],
            swiftSettings: swift + fuzzedSwift + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: fuzzLinker
        ),
    ]
}
